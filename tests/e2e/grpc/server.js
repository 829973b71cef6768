// The interop server: answers as gRPC's interop-test-descriptions ask. Prints its port, and serves until its input ends.
//
//   node server.js
'use strict';

const { grpc, interop } = require('./service.js');

const kInitial = 'x-grpc-test-echo-initial';
const kTrailing = 'x-grpc-test-echo-trailing-bin';

const zeros = (size) => ({ body: Buffer.alloc(size) });

function echoInitial(call) {
  const values = call.metadata.get(kInitial);
  if (values.length === 0) return;
  const metadata = new grpc.Metadata();
  metadata.set(kInitial, values[0]);
  call.sendMetadata(metadata);
}

function echoTrailing(call) {
  const metadata = new grpc.Metadata();
  for (const value of call.metadata.get(kTrailing)) metadata.add(kTrailing, value);
  return metadata;
}

function failure(call, status) {
  return { code: status.code, details: status.message, metadata: echoTrailing(call) };
}

const methods = {
  EmptyCall(call, done) {
    echoInitial(call);
    done(null, {}, echoTrailing(call));
  },

  UnaryCall(call, done) {
    echoInitial(call);
    const { response_status: status, response_size: size } = call.request;
    if (status && status.code !== 0) return done(failure(call, status));
    done(null, { payload: zeros(size) }, echoTrailing(call));
  },

  StreamingInputCall(call, done) {
    echoInitial(call);
    let size = 0;
    call.on('data', (request) => (size += request.payload.body.length));
    call.on('end', () => done(null, { aggregated_payload_size: size }, echoTrailing(call)));
  },

  StreamingOutputCall(call) {
    echoInitial(call);
    for (const { size } of call.request.response_parameters) call.write({ payload: zeros(size) });
    call.end(echoTrailing(call));
  },

  FullDuplexCall(call) {
    echoInitial(call);
    call.on('data', (request) => {
      const status = request.response_status;
      if (status && status.code !== 0) return call.emit('error', failure(call, status));
      for (const { size } of request.response_parameters) call.write({ payload: zeros(size) });
    });
    call.on('end', () => call.end(echoTrailing(call)));
  },
};

const { UnimplementedCall, ...known } = interop.TestService.service;
const server = new grpc.Server();
server.addService(known, methods);
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
