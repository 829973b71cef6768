// What the interop client and server share: the libraries, which stand in the folder that OUTRIGGER_NODE names, and the
// service's definition.
'use strict';

const path = require('path');
const { createRequire } = require('module');

const fetched = createRequire(path.join(process.env.OUTRIGGER_NODE, 'package.json'));
const grpc = fetched('@grpc/grpc-js');
const loader = fetched('@grpc/proto-loader');

const definition = loader.loadSync(path.join(__dirname, 'interop.proto'), { keepCase: true, defaults: true });

module.exports = { grpc, interop: grpc.loadPackageDefinition(definition).outrigger.interop };
