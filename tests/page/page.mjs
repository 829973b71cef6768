// The live page in a real browser: takes pictures of it in seven situations, runs axe-core on each, and looks at what the
// browser asked for. Prints a line for each check; exits with 1 if one has failed.
//
//   node tests/page/page.mjs BINARY TOOLS [OUT] [SECONDS]     `./dev page` is the usual way in
//     TOOLS: folder with node_modules (puppeteer-core, axe-core); OUT: where pictures go; SECONDS: of traffic first
import {mkdirSync, readFileSync, statSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join, resolve} from 'node:path';
import {World} from './world.mjs';

const [binary, tools, out = 'tests/page/screenshots', warmUp = '75'] = process.argv.slice(2);
const require = createRequire(resolve(tools) + '/');
const puppeteer = require('puppeteer-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const MOST_OCTETS = 200_000;
let failed = 0;

function check(good, what, detail = '') {
  console.log((good ? 'ok      ' : 'FAILED  ') + what + (good || !detail ? '' : '\n' + detail));
  if (!good) ++failed;
}

/** A page whose requests and complaints are noted. */
async function open(browser, world, {width = 1360, height = 1000, scheme = 'light', script = true} = {}) {
  const page = await browser.newPage();
  const seen = {requests: [], complaints: []};
  page.on('request', (request) => seen.requests.push(request.url()));
  page.on('console', (message) => message.type() === 'error' && seen.complaints.push(message.text()));
  page.on('pageerror', (error) => seen.complaints.push(String(error)));
  await page.setViewport({width, height, deviceScaleFactor: 1, isMobile: width < 500});
  await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: scheme}, {name: 'prefers-reduced-motion', value: 'reduce'}]);
  await page.setJavaScriptEnabled(script);
  const response = await page.goto(world.admin + '/', {waitUntil: 'domcontentloaded'});
  if (script) await page.waitForFunction(() => !document.getElementById('app').hidden);
  return {page, seen, policy: response.headers()['content-security-policy'] || ''};
}

/** What axe-core finds. It is put in beside the page's own policy, by the debugger. */
async function violations(page) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => axe.run(document, {resultTypes: ['violations']}));
  return result.violations.map((v) => `  ${v.id}: ${v.help}\n` + v.nodes.slice(0, 4).map((n) => '    ' + n.html.slice(0, 160) + '\n      ' + n.failureSummary.split('\n').slice(1).join(';')).join('\n'));
}

const topOf = (page, id) => id ? page.$eval('#' + id, (section) => section.getBoundingClientRect().top + scrollY - 8) : 0;

async function look(browser, world, name, options, before = async () => {}) {
  const {page, seen, policy} = await open(browser, world, options);
  await before(page);
  const path = join(out, name + '.png');
  await page.screenshot({path, clip: {x: 0, y: await topOf(page, options.from), width: options.width || 1360, height: options.shot || options.height || 1000}, captureBeyondViewport: true});
  const octets = statSync(path).size;
  check(octets < MOST_OCTETS, `${name}: the picture has ${Math.round(octets / 1000)} kB`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  check(wide <= 0, `${name}: no sideways scrolling`, `  by ${wide} px`);
  if (options.script === false) await page.setJavaScriptEnabled(true);  // for axe-core only: the page is loaded
  const found = await violations(page);
  check(found.length === 0, `${name}: axe-core finds nothing`, found.join('\n'));
  const foreign = seen.requests.filter((url) => !url.startsWith(world.admin + '/') && !url.startsWith('data:'));
  check(foreign.length === 0, `${name}: ${seen.requests.length} requests, all to the page's own origin`, '  ' + foreign.join('\n  '));
  check(seen.complaints.length === 0, `${name}: the browser complains of nothing`, '  ' + seen.complaints.join('\n  '));
  check(!policy.includes('unsafe-') && policy.includes("default-src 'none'"), `${name}: the policy allows by hash only`, '  ' + policy);
  await page.close();
}

async function keyboard(browser, world) {
  const {page} = await open(browser, world);
  const reached = [];
  for (let i = 0; i < 40; ++i) {
    await page.keyboard.press('Tab');
    reached.push(await page.evaluate(() => {
      const at = document.activeElement;
      const ring = getComputedStyle(at).outlineStyle !== 'none';
      return (at.id || at.getAttribute('aria-label') || at.textContent.trim()) + (ring ? '' : ' (no ring)');
    }));
  }
  const wanted = ['Skip to the content', 'Traffic', 'span-fine', 'span-coarse', 'Endpoints', 'Resilience', 'decision-filter', 'value-filter', 'act-reload'];
  const missed = wanted.filter((name) => !reached.includes(name));
  check(missed.length === 0, 'keyboard: every control is reached and shows its focus', `  missed ${missed.join(', ')} of\n  ${reached.join(', ')}`);
  await page.close();
}

/** Takes an endpoint out by its button and brings it back; the last one that is left is refused. */
async function actions(browser, world) {
  const {page, seen} = await open(browser, world, {height: 1600});
  const address = (name) => `127.0.0.1:${world.toys[name].port}`;
  const button = (deed, name) => `button[aria-label="${deed} ${address(name)}"]`;
  const result = () => page.$eval('#act-result', (element) => element.textContent);
  const told = (text) => page.waitForFunction((wanted) => document.getElementById('act-result').textContent.includes(wanted), {timeout: 5000}, text)
    .then(() => true, () => false);
  const shows = (name, words) => page.waitForFunction((at, wanted) => {
    const row = [...document.querySelectorAll('#endpoint-table tbody tr')].find((one) => one.cells[0].textContent === at);
    return row && wanted.includes(row.cells[2].querySelector('.tag').textContent);
  }, {timeout: 5000}, address(name), words).then(() => true, () => false);
  const endpoint = async (name) => (await world.state()).endpoints.find((e) => e.address === address(name));

  await page.focus(button('Eject', 'catalog2'));
  await page.waitForFunction((before) => document.getElementById('uptime').textContent !== before, {timeout: 5000}, await page.$eval('#uptime', (e) => e.textContent));
  await page.waitForFunction((before) => document.getElementById('uptime').textContent !== before, {timeout: 5000}, await page.$eval('#uptime', (e) => e.textContent));
  const focused = await page.evaluate(() => document.activeElement.getAttribute('aria-label'));
  check(focused === 'Eject ' + address('catalog2'), 'actions: a button keeps its focus while its row changes', '  on ' + focused);
  await page.click(button('Eject', 'catalog2'));
  check(await told('result: ejected'), 'actions: eject is answered', '  ' + await result());
  check(await shows('catalog2', ['ejected']), 'actions: the row says that it is ejected');
  const out = await endpoint('catalog2');
  check(out.state === 'ejected' && out.by_hand === true, 'actions: so does the sidecar', '  ' + JSON.stringify(out));
  await page.click(button('Eject', 'catalog1'));
  check(await told('refused: no other endpoint of catalog'), 'actions: the last endpoint stays', '  ' + await result());
  await page.click(button('Restore', 'catalog2'));
  check(await told('result: restored'), 'actions: restore is answered', '  ' + await result());
  check(await shows('catalog2', ['healthy', 'returning']), 'actions: the row says that it is back');
  const back = await endpoint('catalog2');
  check(back.state !== 'ejected' && !back.by_hand, 'actions: so does the sidecar', '  ' + JSON.stringify(back));
  check(await page.$(button('Eject', 'catalog2')) !== null, 'actions: its button ejects again');
  const complaints = seen.complaints.filter((text) => !text.includes('409'));  // the refusal, which browsers report
  check(complaints.length === 0, 'actions: the browser complains of nothing', '  ' + complaints.join('\n  '));
  await page.close();
}

async function reconnects(browser, world) {
  const {page} = await open(browser, world);
  await page.waitForFunction(() => document.getElementById('link-text').textContent === 'live');
  world.process.kill('SIGKILL');
  await world.ended;
  await page.waitForFunction(() => document.getElementById('link-text').textContent.startsWith('connection lost'), {timeout: 15000});
  check(true, 'lost: the page says that the connection is gone');
  await page.close();
}

async function main() {
  mkdirSync(out, {recursive: true});
  const world = new World();
  let browser;
  try {
    await world.start(resolve(binary));
    browser = await puppeteer.launch({executablePath: process.env.CHROMIUM || '/usr/bin/chromium', headless: true, args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none']});
    await scenes(browser, world);
  } finally {
    await browser?.close();
    await world.stop();
  }
}

async function scenes(browser, world) {
  const {toys} = world;
  world.traffic('checkout', 40, {listener: 'inbound', path: '/v1/cart'});
  world.traffic('payments', 35);
  world.traffic('payments', 4, {method: 'POST', path: '/v1/payments'});
  world.traffic('catalog', 60);
  world.traffic('ledger', 12);
  world.traffic('recommendations', 22);
  toys.payments3.mood.fails = 0.03;
  await world.until('history', (state) => state.fine_at >= Number(warmUp), Number(warmUp) + 30);
  await look(browser, world, 'light', {});
  await keyboard(browser, world);
  world.write(world.config(12));
  await world.until('a reload', (state) => state.config.history[0].result === 'applied');
  toys.payments3.mood = {fails: 1, ms: 3};
  toys.ledger1.mood = {fails: 0.7, ms: 3};
  toys.recs1.mood = toys.recs2.mood = {fails: 1, ms: 3};
  const upstream = (state, name) => state.upstreams.find((u) => u.name === name);
  await world.until('an open breaker', (state) => upstream(state, 'recommendations').breaker === 'open');
  await world.until('an ejected endpoint', (state) => state.endpoints.some((e) => e.upstream === 'payments' && e.state === 'ejected'));
  await world.until('an intervention that was not made', (state) => Object.keys(upstream(state, 'ledger').would).length > 0);
  await look(browser, world, 'breaker-open', {from: 'endpoints', shot: 1000});
  await look(browser, world, 'dark', {scheme: 'dark'});
  await look(browser, world, 'phone', {width: 360, height: 780, shot: 1500});
  world.write(world.config().replace('policy: trial', 'policy: trail'));
  await world.until('a rejected reload', (state) => state.header.config.rejected);
  await look(browser, world, 'rejected', {height: 700});
  await look(browser, world, 'decisions', {from: 'decisions', shot: 930});
  await look(browser, world, 'no-script', {script: false, height: 1300});
  await actions(browser, world);
  await reconnects(browser, world);
}

await main();
console.log(failed ? `${failed} checks have failed` : 'all checks hold');
process.exit(failed ? 1 : 0);
