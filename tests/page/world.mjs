// What the live page is shown with: toy services that misbehave on demand, callers on both sides, and a sidecar between
// them. All on free ports of the loopback.
import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import http from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const listen = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)));
const nap = (ms) => new Promise((done) => setTimeout(done, ms));

/** A service of one instance. `mood.fails` is a share of its answers, `mood.ms` what they take. */
class Toy {
  mood = {fails: 0, ms: 3};
  async start() {
    this.server = http.createServer((request, response) => {
      const {fails, ms} = this.mood;
      const status = Math.random() < fails ? 503 : 200;
      request.resume();
      setTimeout(() => response.writeHead(status, {'content-length': 3}).end('ok\n'), ms * (0.6 + 0.9 * Math.random() ** 3));
    });
    this.port = await listen(this.server);
    return this;
  }
}

export class World {
  #timers = [];
  #agent = new http.Agent({keepAlive: true, maxSockets: 64});
  toys = {};

  async start(binary) {
    for (const name of ['app', 'payments1', 'payments2', 'payments3', 'catalog1', 'catalog2', 'ledger1', 'ledger2', 'recs1', 'recs2']) {
      this.toys[name] = await new Toy().start();
    }
    this.toys.catalog2.mood.ms = 9;
    this.folder = mkdtempSync(join(tmpdir(), 'outrigger-page-'));
    this.file = join(this.folder, 'outrigger.yaml');
    this.write(this.config());
    const addresses = {};
    this.process = spawn(binary, ['run', '--config', this.file], {env: {...process.env, POD_NAME: 'checkout-7d9f8c6b5-x2k4q'}});
    this.ended = new Promise((done) => this.process.on('exit', done));
    await new Promise((done, fail) => {
      let text = '';
      this.process.stderr.on('data', (data) => {
        text += data;
        for (const line of text.split('\n')) {
          const match = line.includes('"event":"listening"') && line.match(/"listener":"(\w+)","address":"([^"]+)"/);
          if (match) addresses[match[1]] = match[2];
        }
        if (text.includes('"event":"started"')) done();
      });
      this.process.on('exit', () => fail(new Error('the sidecar did not start:\n' + text)));
    });
    this.addresses = addresses;
    this.admin = 'http://' + addresses.admin;
    return this;
  }

  config(budget = 10) {
    const at = (name) => `"127.0.0.1:${this.toys[name].port}"`;
    return `version: 1
app: {address: ${at('app')}}
listen: {inbound: "127.0.0.1:0", outbound: "127.0.0.1:0", admin: "127.0.0.1:0", telemetry: none}
workers: 2
log: {access: none}
admin: {actions: true}
policies:
  default:
    retry: {budget: {percent: ${budget}}}
  slow-to-forgive:
    breaker: {open: 30s, maxOpen: 60s}
  trial:
    mode: observe
upstreams:
  payments: {endpoints: [${at('payments1')}, ${at('payments2')}, ${at('payments3')}]}
  catalog: {endpoints: [${at('catalog1')}, ${at('catalog2')}]}
  ledger:
    endpoints: [${at('ledger1')}, ${at('ledger2')}]
    policy: trial
  recommendations:
    endpoints: [${at('recs1')}, ${at('recs2')}]
    policy: slow-to-forgive
routes:
  - name: create-payment
    match: {host: payments, method: POST, path: /v1/payments}
    to: payments
    override: {retry: {limit: 0}}
`;
  }
  write(text) { writeFileSync(this.file, text); }

  /** Calls `host` so many times a second; through the sidecar, from the app or to it. */
  traffic(host, perSecond, {method = 'GET', path = '/v1/items', listener = 'outbound'} = {}) {
    const [address, port] = this.addresses[listener].split(':');
    const call = () => {
      const request = http.request({host: address, port, method, path, agent: this.#agent, headers: {host}}, (r) => r.resume());
      request.on('error', () => {});
      request.end();
    };
    this.#timers.push(setInterval(call, 1000 / perSecond));
  }

  async state() { return (await fetch(this.admin + '/api/live')).json(); }
  /** Until the state is as wanted; throws when it does not become so. */
  async until(what, holds, seconds = 40) {
    for (let i = 0; i < seconds * 5; ++i) {
      if (holds(await this.state())) return;
      await nap(200);
    }
    throw new Error('never came: ' + what);
  }

  async stop() {
    this.#timers.forEach(clearInterval);
    this.process?.kill('SIGKILL');
    await this.ended;
    this.#agent.destroy();
    for (const toy of Object.values(this.toys)) { toy.server.close(); toy.server.closeAllConnections(); }
    if (this.folder) rmSync(this.folder, {recursive: true, force: true});
  }
}
