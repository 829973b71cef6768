// The 14 interop cases that need no credentials. usage: client.js PORT [AUTHORITY] [CASE...]; prints `ok CASE` or `failed CASE: why`.
const assert = require('assert');
const {grpc, interop} = require('./service');

const [port, authority, ...chosen] = process.argv.slice(2);
const options = {'grpc.max_receive_message_length': -1};
if (authority) options['grpc.default_authority'] = authority;
const target = `127.0.0.1:${port}`;
const client = new interop.TestService(target, grpc.credentials.createInsecure(), options);
const stranger = new interop.UnimplementedService(target, grpc.credentials.createInsecure(), options);

const soon = (seconds = 20) => ({deadline: Date.now() + seconds * 1000});
const zeros = (size) => ({body: Buffer.alloc(size)});

// A unary call as a promise of [error, response, status].
function unary(stub, method, request, metadata = new grpc.Metadata(), callOptions = soon()) {
  return new Promise((resolve) => {
    let answer;
    let initial;
    const call = stub[method](request, metadata, callOptions, (error, response) => (answer = [error, response]));
    call.on('metadata', (value) => (initial = value));
    call.on('status', (status) => setImmediate(() => resolve({error: answer[0], response: answer[1], status, initial})));
  });
}

// Everything a stream of answers gives: {messages, status}.
function drain(call) {
  return new Promise((resolve) => {
    const messages = [];
    let initial;
    call.on('data', (message) => messages.push(message));
    call.on('metadata', (value) => (initial = value));
    call.on('error', () => {});
    call.on('status', (status) => resolve({messages, status, initial}));
  });
}

const code = (expected, {status}) => assert.strictEqual(status.code, expected, `${status.code} ${status.details}`);
const {OK, CANCELLED, DEADLINE_EXCEEDED, UNKNOWN, UNIMPLEMENTED} = grpc.status;
const kSizes = [31415, 9, 2653, 58979];
const kSent = [27182, 8, 1828, 45904];

const cases = {
  async empty_unary() {
    code(OK, await unary(client, 'EmptyCall', {}));
  },
  async large_unary() {
    const got = await unary(client, 'UnaryCall', {response_size: 314159, payload: zeros(271828)});
    code(OK, got);
    assert.strictEqual(got.response.payload.body.length, 314159);
  },
  async client_streaming() {
    const total = await new Promise((resolve, reject) => {
      const call = client.StreamingInputCall(new grpc.Metadata(), soon(), (error, response) => (error ? reject(error) : resolve(response)));
      for (const size of kSent) call.write({payload: zeros(size)});
      call.end();
    });
    assert.strictEqual(total.aggregated_payload_size, 74922);
  },
  async server_streaming() {
    const request = {response_parameters: kSizes.map((size) => ({size, interval_us: 0}))};
    const got = await drain(client.StreamingOutputCall(request, new grpc.Metadata(), soon()));
    code(OK, got);
    assert.deepStrictEqual(got.messages.map((m) => m.payload.body.length), kSizes);
  },
  async ping_pong() {
    const call = client.FullDuplexCall(new grpc.Metadata(), soon());
    const got = drain(call);
    const sizes = [];
    const say = (i) => call.write({response_parameters: [{size: kSizes[i], interval_us: 0}], payload: zeros(kSent[i])});
    call.on('data', (message) => {
      sizes.push(message.payload.body.length);
      if (sizes.length < kSizes.length) return say(sizes.length);
      call.end();
    });
    say(0);
    code(OK, await got);
    assert.deepStrictEqual(sizes, kSizes);
  },
  async empty_stream() {
    const call = client.FullDuplexCall(new grpc.Metadata(), soon());
    const got = drain(call);
    call.end();
    code(OK, await got);
    assert.strictEqual((await got).messages.length, 0);
  },
  async cancel_after_begin() {
    const got = await new Promise((resolve) => {
      const call = client.StreamingInputCall(new grpc.Metadata(), soon(), () => {});
      call.on('status', (status) => resolve({status}));
      call.cancel();
    });
    code(CANCELLED, got);
  },
  async cancel_after_first_response() {
    const call = client.FullDuplexCall(new grpc.Metadata(), soon());
    const got = drain(call);
    call.on('data', () => call.cancel());
    call.write({response_parameters: [{size: 31415, interval_us: 0}], payload: zeros(27182)});
    code(CANCELLED, await got);
    assert.strictEqual((await got).messages.length, 1);
  },
  async timeout_on_sleeping_server() {
    const call = client.FullDuplexCall(new grpc.Metadata(), {deadline: Date.now() + 100});
    const got = drain(call);
    call.write({response_parameters: [{size: 31415, interval_us: 5000000}], payload: zeros(27182)});
    code(DEADLINE_EXCEEDED, await got);
  },
  async custom_metadata() {
    const metadata = new grpc.Metadata();
    metadata.set('x-grpc-test-echo-initial', 'test_initial_metadata_value');
    metadata.set('x-grpc-test-echo-trailing-bin', Buffer.from([0xab, 0xab, 0xab]));
    const check = (got) => {
      code(OK, got);
      assert.deepStrictEqual(got.initial.get('x-grpc-test-echo-initial'), ['test_initial_metadata_value']);
      assert.deepStrictEqual(got.status.metadata.get('x-grpc-test-echo-trailing-bin'), [Buffer.from([0xab, 0xab, 0xab])]);
    };
    check(await unary(client, 'UnaryCall', {response_size: 314159, payload: zeros(271828)}, metadata));
    const call = client.FullDuplexCall(metadata, soon());
    const got = drain(call);
    call.write({response_parameters: [{size: 314159, interval_us: 0}], payload: zeros(271828)});
    call.end();
    check(await got);
  },
  async status_code_and_message() {
    const wanted = {code: UNKNOWN, message: 'test status message'};
    const once = await unary(client, 'UnaryCall', {response_status: wanted});
    code(UNKNOWN, once);
    assert.strictEqual(once.status.details, wanted.message);
    const call = client.FullDuplexCall(new grpc.Metadata(), soon());
    const got = drain(call);
    call.write({response_status: wanted});
    call.end();
    code(UNKNOWN, await got);
    assert.strictEqual((await got).status.details, wanted.message);
  },
  async special_status_message() {
    const message = '\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \ud83d\ude08\t\n';
    const got = await unary(client, 'UnaryCall', {response_status: {code: UNKNOWN, message}});
    code(UNKNOWN, got);
    assert.strictEqual(got.status.details, message);
  },
  async unimplemented_method() {
    code(UNIMPLEMENTED, await unary(client, 'UnimplementedCall', {}));
  },
  async unimplemented_service() {
    code(UNIMPLEMENTED, await unary(stranger, 'UnimplementedCall', {}));
  },
};

async function main() {
  let failed = 0;
  for (const name of chosen.length > 0 ? chosen : Object.keys(cases)) {
    try {
      await cases[name]();
      console.log(`ok ${name}`);
    } catch (error) {
      ++failed;
      console.log(`failed ${name}: ${error.message}`);
    }
  }
  process.exit(failed === 0 ? 0 : 1);
}

main();
