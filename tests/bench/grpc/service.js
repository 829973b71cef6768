// Loads the service's description; both sides use it.
const path = require('path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const definition = loader.loadSync(path.join(__dirname, 'interop.proto'), {keepCase: true, defaults: true});
module.exports = {grpc, interop: grpc.loadPackageDefinition(definition).interop};
