// The interop client: the cases of gRPC's interop-test-descriptions that need no credentials. A line for each; exit code
// 1 if one failed.
//
//   node client.js ADDRESS [AUTHORITY]
'use strict';

const assert = require('assert');
const { grpc, interop } = require('./service.js');

const [address, authority] = process.argv.slice(2);
const options = authority ? { 'grpc.default_authority': authority } : {};
const credentials = grpc.credentials.createInsecure();
const service = new interop.TestService(address, credentials, options);
const missing = new interop.UnimplementedService(address, credentials, options);

const { status } = grpc;
const zeros = (size) => ({ body: Buffer.alloc(size) });

const kLargeRequest = 271828;
const kLargeResponse = 314159;
const kPairs = [[31415, 27182], [9, 8], [2653, 1828], [58979, 45904]];

/** A call with one request: the answer, or why there is none. */
function unary(method, request, metadata = new grpc.Metadata(), client = service) {
  return new Promise((resolve) => {
    const seen = {};
    const call = client[method](request, metadata, (error, response) => {
      Object.assign(seen, { error, response });
      if (seen.status) resolve(seen);
    });
    call.on('metadata', (initial) => (seen.initial = initial));
    call.on('status', (how) => {
      seen.status = how;
      if ('error' in seen) resolve(seen);
    });
  });
}

/** The end of a call whose answers stream: its status, and how long the answers were. */
function streamed(call, onMessage = () => {}) {
  return new Promise((resolve) => {
    const seen = { sizes: [] };
    call.on('metadata', (initial) => (seen.initial = initial));
    call.on('data', (response) => {
      seen.sizes.push(response.payload.body.length);
      onMessage(seen.sizes.length);
    });
    call.on('error', () => {});
    call.on('status', (how) => resolve(Object.assign(seen, { status: how })));
  });
}

const ping = ([answer, ask]) => ({ response_parameters: [{ size: answer }], payload: zeros(ask) });

function echoMetadata() {
  const metadata = new grpc.Metadata();
  metadata.set('x-grpc-test-echo-initial', 'test_initial_metadata_value');
  metadata.set('x-grpc-test-echo-trailing-bin', Buffer.from('ababab', 'hex'));
  return metadata;
}

function assertEchoed(seen) {
  assert.deepStrictEqual(seen.initial.get('x-grpc-test-echo-initial'), ['test_initial_metadata_value']);
  assert.deepStrictEqual(seen.status.metadata.get('x-grpc-test-echo-trailing-bin'), [Buffer.from('ababab', 'hex')]);
}

async function assertStatus(code, message) {
  const response_status = { code, message };
  const one = await unary('UnaryCall', { response_status });
  assert.deepStrictEqual([one.status.code, one.status.details], [code, message]);
  const call = service.FullDuplexCall();
  const end = streamed(call);
  call.write({ response_status });
  call.end();
  const two = await end;
  assert.deepStrictEqual([two.status.code, two.status.details], [code, message]);
}

const cases = {
  async empty_unary() {
    const seen = await unary('EmptyCall', {});
    assert.strictEqual(seen.status.code, status.OK);
    assert.deepStrictEqual(seen.response, {});
  },

  async large_unary() {
    const seen = await unary('UnaryCall', { response_size: kLargeResponse, payload: zeros(kLargeRequest) });
    assert.strictEqual(seen.status.code, status.OK);
    assert.ok(seen.response.payload.body.equals(Buffer.alloc(kLargeResponse)));
  },

  async client_streaming() {
    const seen = await new Promise((resolve) => {
      const call = service.StreamingInputCall((error, response) => resolve({ error, response }));
      for (const [, size] of kPairs) call.write({ payload: zeros(size) });
      call.end();
    });
    assert.ifError(seen.error);
    assert.strictEqual(seen.response.aggregated_payload_size, 74922);
  },

  async server_streaming() {
    const sizes = kPairs.map(([size]) => size);
    const seen = await streamed(service.StreamingOutputCall({ response_parameters: sizes.map((size) => ({ size })) }));
    assert.strictEqual(seen.status.code, status.OK);
    assert.deepStrictEqual(seen.sizes, sizes);
  },

  async ping_pong() {
    const call = service.FullDuplexCall();
    const end = streamed(call, (count) => (count < kPairs.length ? call.write(ping(kPairs[count])) : call.end()));
    call.write(ping(kPairs[0]));
    const seen = await end;
    assert.strictEqual(seen.status.code, status.OK);
    assert.deepStrictEqual(seen.sizes, kPairs.map(([size]) => size));
  },

  async empty_stream() {
    const call = service.FullDuplexCall();
    const end = streamed(call);
    call.end();
    const seen = await end;
    assert.strictEqual(seen.status.code, status.OK);
    assert.deepStrictEqual(seen.sizes, []);
  },

  async cancel_after_begin() {
    const error = await new Promise((resolve) => {
      const call = service.StreamingInputCall((why) => resolve(why));
      call.cancel();
    });
    assert.strictEqual(error.code, status.CANCELLED);
  },

  async cancel_after_first_response() {
    const call = service.FullDuplexCall();
    const end = streamed(call, () => call.cancel());
    call.write(ping(kPairs[0]));
    const seen = await end;
    assert.strictEqual(seen.status.code, status.CANCELLED);
    assert.deepStrictEqual(seen.sizes, [kPairs[0][0]]);
  },

  async timeout_on_sleeping_server() {
    const call = service.FullDuplexCall(new grpc.Metadata(), { deadline: Date.now() + 1 });
    const end = streamed(call);
    call.write({ payload: zeros(27182) });
    const seen = await end;
    assert.strictEqual(seen.status.code, status.DEADLINE_EXCEEDED);
  },

  async custom_metadata() {
    const request = { response_size: kLargeResponse, payload: zeros(kLargeRequest) };
    assertEchoed(await unary('UnaryCall', request, echoMetadata()));
    const call = service.FullDuplexCall(echoMetadata());
    const end = streamed(call);
    call.write({ response_parameters: [{ size: kLargeResponse }], payload: zeros(kLargeRequest) });
    call.end();
    assertEchoed(await end);
  },

  status_code_and_message: () => assertStatus(status.UNKNOWN, 'test status message'),

  special_status_message: () =>
    assertStatus(status.UNKNOWN, '\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \u{1f608}\t\n'),

  async unimplemented_method() {
    const seen = await unary('UnimplementedCall', {});
    assert.strictEqual(seen.status.code, status.UNIMPLEMENTED);
  },

  async unimplemented_service() {
    const seen = await unary('UnimplementedCall', {}, new grpc.Metadata(), missing);
    assert.strictEqual(seen.status.code, status.UNIMPLEMENTED);
  },
};

const kLimit = 10000;

function within(run) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error('took too long')), kLimit).unref());
  return Promise.race([run(), late]);
}

async function main() {
  let failed = 0;
  for (const [name, run] of Object.entries(cases)) {
    try {
      await within(run);
      console.log(`ok ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED ${name}: ${error.message.replaceAll('\n', ' ')}`);
    }
  }
  console.log(`${Object.keys(cases).length - failed} of ${Object.keys(cases).length}`);
  process.exit(failed > 0 ? 1 : 0);
}

main();
