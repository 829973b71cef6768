// The server of the interop cases. usage: server.js PORT
const {grpc, interop} = require('./service');

const kEchoInitial = 'x-grpc-test-echo-initial';
const kEchoTrailing = 'x-grpc-test-echo-trailing-bin';

// Sends the caller's test metadata back, and gives what belongs into the trailers.
function echoMetadata(call) {
  const initial = call.metadata.get(kEchoInitial);
  if (initial.length > 0) {
    const metadata = new grpc.Metadata();
    metadata.add(kEchoInitial, initial[0]);
    call.sendMetadata(metadata);
  }
  const trailing = new grpc.Metadata();
  const values = call.metadata.get(kEchoTrailing);
  if (values.length > 0) trailing.add(kEchoTrailing, values[0]);
  return trailing;
}

function unaryCall(call, done) {
  const trailing = echoMetadata(call);
  const status = call.request.response_status;
  if (status && status.code !== 0) return done({code: status.code, details: status.message, metadata: trailing});
  done(null, {payload: {body: Buffer.alloc(call.request.response_size)}}, trailing);
}

async function sendAll(call, parameters) {
  for (const {size, interval_us} of parameters) {
    if (interval_us > 0) await new Promise((resolve) => setTimeout(resolve, interval_us / 1000));
    call.write({payload: {body: Buffer.alloc(size)}});
  }
}

async function streamingOutputCall(call) {
  await sendAll(call, call.request.response_parameters);
  call.end();
}

function streamingInputCall(call, done) {
  let size = 0;
  call.on('data', (request) => (size += request.payload.body.length));
  call.on('end', () => done(null, {aggregated_payload_size: size}));
}

function fullDuplexCall(call) {
  const trailing = echoMetadata(call);
  let last = Promise.resolve();
  call.on('data', (request) => {
    const status = request.response_status;
    if (status && status.code !== 0) return call.emit('error', {code: status.code, details: status.message, metadata: trailing});
    last = last.then(() => sendAll(call, request.response_parameters));
  });
  call.on('end', () => last.then(() => call.end(trailing)));
}

const server = new grpc.Server({'grpc.max_receive_message_length': -1});
server.addService(interop.TestService.service, {
  EmptyCall: (call, done) => done(null, {}, echoMetadata(call)),
  UnaryCall: unaryCall,
  StreamingOutputCall: streamingOutputCall,
  StreamingInputCall: streamingInputCall,
  FullDuplexCall: fullDuplexCall,
});
server.bindAsync(`127.0.0.1:${process.argv[2]}`, grpc.ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
});
