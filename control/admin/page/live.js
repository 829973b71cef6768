'use strict';
// Draws the state that /api/events tells: whole at first, then once a second what is new. Text goes in as text, never
// as markup. While the page is hidden nothing is asked for.
(() => {
  const $ = (id) => document.getElementById(id);
  const SVG = 'http://www.w3.org/2000/svg';
  const MOST = {fine: 300, coarse: 360};
  const STEP = {fine: 1, coarse: 10};
  let state = null;
  let span = 'fine';

  // ---- Words and numbers

  const none = (v) => v === null || v === undefined;
  const fixed = (v, places) => v.toLocaleString('en', {minimumFractionDigits: places, maximumFractionDigits: places});
  const rate = (v) => none(v) ? '–' : fixed(v, v >= 100 ? 0 : v >= 10 || v === 0 ? 1 : 2);
  const share = (v) => none(v) ? '–' : v === 1 ? '100' : fixed(Math.floor(v * 10000) / 100, 2);
  const milliseconds = (v) => none(v) ? '–' : v >= 10000 ? fixed(v / 1000, 1) : v >= 100 ? fixed(v, 0) : fixed(v, v >= 10 ? 1 : 2);
  function age(ms) {
    const s = Math.floor(ms / 1000);
    if (s < 60) return s + ' s';
    if (s < 3600) return Math.floor(s / 60) + ' min ' + s % 60 + ' s';
    if (s < 86400) return Math.floor(s / 3600) + ' h ' + Math.floor(s % 3600 / 60) + ' min';
    return Math.floor(s / 86400) + ' d ' + Math.floor(s % 86400 / 3600) + ' h';
  }
  const short = (ms) => ms < 10000 ? fixed(ms / 1000, 1) + ' s' : age(ms);
  const clock = (iso) => new Date(iso).toLocaleTimeString('en-GB');
  const day = (iso) => new Date(iso).toLocaleDateString('en-CA');
  const words = (text) => (text || '').replaceAll(' -> ', ' → ');
  const grade = (success) => none(success) ? 'idle' : success >= 0.999 ? 'good' : success >= 0.99 ? 'warn' : 'bad';

  // ---- Elements

  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === 'class') element.className = value;
      else if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  }
  function draw(tag, attributes, ...children) {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }
  function say(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }
  function mark(element, classes) {
    if (element.getAttribute('class') !== classes) element.setAttribute('class', classes);
  }
  const tag = (text, kind) => make('span', {class: 'tag ' + kind}, text);

  // Rows are kept by key, so that what is selected or focused stays; `fill` writes a row's cells when `print` of its item
  // has changed.
  function rows(body, items, key, print, fill) {
    const kept = body.kept || (body.kept = new Map());
    const seen = new Set();
    let at = body.firstElementChild;
    for (const item of items) {
      const name = key(item);
      if (seen.has(name)) continue;
      seen.add(name);
      let row = kept.get(name);
      if (!row) {
        row = make('tr');
        kept.set(name, row);
      }
      const now = print(item);
      if (row.printed !== now) {
        row.printed = now;
        fill(row, item);
      }
      if (row === at) at = at.nextElementSibling;
      else body.insertBefore(row, at);
    }
    for (const [name, row] of kept) {
      if (seen.has(name)) continue;
      row.remove();
      kept.delete(name);
    }
  }
  // Writes cells into a row, without taking away a cell that holds the same.
  function cells(row, contents) {
    contents.forEach(([classes, content, heading], i) => {
      let cell = row.children[i];
      if (!cell) {
        cell = heading ? make('th', {scope: 'row'}) : make('td');
        row.append(cell);
      }
      mark(cell, classes);
      if (typeof content === 'string') say(cell, content);
      else if (content !== cell.firstChild) cell.replaceChildren(...(Array.isArray(content) ? content : [content]));
    });
  }

  // ---- The state: rings grow by what is new

  function extend(mine, fresh, count, most) {
    for (const [name, values] of Object.entries(fresh)) {
      const all = (mine && mine[name] || []).concat(count > 0 ? values.slice(-count) : []);
      fresh[name] = all.slice(-most);
    }
    return fresh;
  }
  function take(event) {
    if (!event.whole && state) {
      const count = {fine: event.fine_at - state.fine_at, coarse: event.coarse_at - state.coarse_at};
      const old = new Map(state.upstreams.map((upstream) => [upstream.name, upstream]));
      for (const ring of ['fine', 'coarse']) {
        for (const direction of ['inbound', 'outbound']) {
          extend(state.flows[direction][ring], event.flows[direction][ring], count[ring], MOST[ring]);
        }
        for (const upstream of event.upstreams) {
          const before = old.get(upstream.name);
          if (upstream[ring]) extend(before && before[ring], upstream[ring], count[ring], MOST[ring]);
        }
      }
      const known = new Set(event.decisions.map((decision) => decision.id));
      event.decisions = event.decisions.concat(state.decisions.filter((decision) => !known.has(decision.id))).slice(0, 200);
      if (!event.config) event.config = state.config;
    }
    state = event;
    show();
  }

  // ---- Header

  function header() {
    const {header: h} = state;
    say($('name'), h.name);
    document.title = h.name + ' – Outrigger';
    say($('version'), h.version);
    say($('uptime'), age(h.uptime_ms));
    say($('hash'), h.config.hash.slice(0, 8));
    say($('age'), 'for ' + age(h.config.age_ms));
    const life = $('lifecycle');
    life.hidden = false;
    const ready = h.blockers.length === 0;
    say(life, h.state !== 'serving' ? h.state : ready ? 'serving' : 'not ready: ' + h.blockers.join(', '));
    mark(life, 'tag ' + (h.state === 'serving' && ready ? 'good' : 'warn'));
    const next = h.certificates.reduce((a, b) => !a || b.expires_in_ms < a.expires_in_ms ? b : a, null);
    $('certificate').hidden = !next;
    if (next) {
      const left = next.expires_in_ms;
      say($('expiry'), left > 0 ? 'ends in ' + age(left) : 'ended');
      $('expiry').title = next.what + ', ' + next.expires_at;
      mark($('expiry'), left < 0 || left < 86400e3 * 2 ? 'bad' : left < 86400e3 * 14 ? 'warn' : '');
    }
    banner(h.config.rejected);
    const actions = h.actions;
    $('actions').hidden = $('to-actions').hidden = !actions;
    $('endpoint-actions').hidden = !(actions && h.endpoint_actions);
  }
  let bannerText = '';
  function banner(rejected) {
    const text = rejected ? rejected.at + '\n' + rejected.text : '';
    if (text === bannerText) return;
    bannerText = text;
    if (!rejected) return $('banner').replaceChildren();
    $('banner').replaceChildren(make('div', {class: 'rejected'},
      make('p', {}, make('strong', {}, 'Newest config rejected' + (rejected.at ? ' at ' + rejected.at : '')),
        '. The version before it stays in effect.'),
      make('pre', {tabindex: '0'}, rejected.text.trim())));
  }

  // ---- Traffic

  const TILES = [
    {key: 'per_second', label: 'Requests', unit: '/s', text: rate},
    {key: 'success', label: 'Success', unit: '%', text: share, share: true},
    {key: 'in_flight', label: 'In flight', unit: '', text: (v) => none(v) ? '–' : fixed(v, 0)},
    {key: 'p50_ms', label: 'p50', unit: 'ms', text: milliseconds},
    {key: 'p95_ms', label: 'p95', unit: 'ms', text: milliseconds},
    {key: 'p99_ms', label: 'p99', unit: 'ms', text: milliseconds}];
  const tiles = [];
  const W = 300, H = 34;

  function makeTiles() {
    for (const direction of ['inbound', 'outbound']) {
      for (const kind of TILES) {
        const side = make('span');
        const value = make('span');
        const line = draw('path', {class: 'spark'}), fill = draw('path', {class: 'spark-fill'});
        const at = draw('line', {class: 'spark-at', y1: 0, y2: H, visibility: 'hidden'});
        const svg = draw('svg', {viewBox: `0 0 ${W} ${H}`, preserveAspectRatio: 'none', 'aria-hidden': 'true'},
          fill, draw('line', {class: 'spark-base', x1: 0, x2: W, y1: H, y2: H}), line, at);
        const tile = {direction, kind, side, value, line, fill, at, pointed: null};
        svg.addEventListener('pointermove', (event) => {
          const box = svg.getBoundingClientRect();
          tile.pointed = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
          if (state) showTile(tile);
        });
        svg.addEventListener('pointerleave', () => { tile.pointed = null; if (state) showTile(tile); });
        const number = make('div', {class: 'value'}, value, make('span', {class: 'unit'}, kind.unit));
        $(direction).append(make('div', {class: 'tile'},
          make('div', {class: 'label'}, make('span', {}, kind.label), side), number, svg));
        tile.number = number;
        tiles.push(tile);
      }
    }
  }
  function showTile(tile) {
    const {kind} = tile;
    const flow = state.flows[tile.direction];
    const values = flow[span][kind.key];
    const now = flow.now[kind.key];
    say(tile.value, kind.text(now));
    mark(tile.number, 'value' + (kind.share && !none(now) && now < 0.999 ? now < 0.99 ? ' bad' : ' warn' : ''));
    const real = values.filter((v) => !none(v));
    const top = kind.share ? 1 : Math.max(0, ...real);
    const floor = kind.share ? Math.min(0.99, ...real) : 0;
    const y = (v) => H - 1 - (H - 3) * (top > floor ? (v - floor) / (top - floor) : 0);
    const x = (i) => W - (values.length - 1 - i) * W / (MOST[span] - 1);
    let path = '', area = '', begun = -1;
    const end = (i) => { if (begun >= 0) area += `L${x(i).toFixed(1)} ${H}L${x(begun).toFixed(1)} ${H}Z`; begun = -1; };
    values.forEach((v, i) => {
      if (none(v)) return end(i - 1);
      const point = `${x(i).toFixed(1)} ${y(v).toFixed(1)}`;
      path += (begun < 0 ? 'M' : 'L') + point;
      area += (begun < 0 ? 'M' : 'L') + point;
      if (begun < 0) begun = i;
    });
    end(values.length - 1);
    tile.line.setAttribute('d', path);
    tile.fill.setAttribute('d', area);
    const index = none(tile.pointed) ? -1 : Math.round((tile.pointed - 1) * (MOST[span] - 1) + values.length - 1);
    if (index >= 0 && index < values.length) {
      tile.at.setAttribute('x1', x(index));
      tile.at.setAttribute('x2', x(index));
      tile.at.setAttribute('visibility', 'visible');
      say(tile.side, '−' + age((values.length - 1 - index) * STEP[span] * 1000) + ': ' + kind.text(values[index]));
    } else {
      tile.at.setAttribute('visibility', 'hidden');
      say(tile.side, real.length === 0 ? '' : kind.share ? 'low ' + share(Math.min(...real)) : 'peak ' + kind.text(top));
    }
  }

  // ---- Map

  const SHOWN = 12;
  let drawn = '';
  function map() {
    const width = Math.floor($('graph').clientWidth) - 20;
    const edges = state.map.edges.filter((edge) => edge.from === 'app').sort((a, b) => a.to < b.to ? -1 : 1);
    const inward = state.map.edges.find((edge) => edge.from === 'callers');
    const print = JSON.stringify([width, edges, inward, state.endpoints.length]);
    if (width < 100 || print === drawn) return;
    drawn = print;
    const shown = edges.slice(0, SHOWN);
    const svg = width > 720 ? wideMap(width, inward, shown) : tallMap(width, inward, shown);
    if (edges.length > SHOWN) $('graph').replaceChildren(svg, make('p', {class: 'note'}, (edges.length - SHOWN) + ' more upstreams: see Resilience'));
    else $('graph').replaceChildren(svg);
    $('graph-words').replaceChildren(...(inward ? [inward] : []).concat(edges).map((edge) => make('li', {}, edgeWords(edge))));
  }
  function edgeWords(edge) {
    return `${edge.from} to ${edge.to}: ${rate(edge.per_second)} requests a second, ${share(edge.success)} % success` +
      (edge.badges.length ? ', ' + edge.badges.join(', ') : '');
  }
  const edgeLabel = (edge) => none(edge.per_second) ? '' : edge.per_second === 0 && none(edge.success) ? 'idle' : `${rate(edge.per_second)}/s · ${share(edge.success)} %`;
  const weight = (edge) => 1.25 + Math.min(3.5, Math.log10(1 + (edge.per_second || 0)) * 1.2);
  const cut = (text, most) => text.length > most ? text.slice(0, most - 1) + '…' : text;

  function node(x, y, width, height, name, sub, badges) {
    const fits = Math.floor((width - 20) / 7.2);
    const group = draw('g', {}, draw('rect', {class: badges.length && badges.some(grave) ? 'node trouble' : 'node', x, y, width, height, rx: 4}),
      draw('text', {class: 'node-name', x: x + 10, y: y + 19}, cut(name, fits)));
    const under = badges.length ? badges.map((badge) => (grave(badge) ? '▲ ' : '● ') + badge).join('  ') : sub;
    const kind = badges.length ? 'node-badge' + (badges.some(grave) ? '' : ' mild') : 'node-sub';
    if (under) group.append(draw('text', {class: kind, x: x + 10, y: y + 36}, cut(under, Math.floor((width - 20) / 6.6))));
    group.append(draw('title', {}, name + (badges.length ? ': ' + badges.join(', ') : '')));
    return group;
  }
  function endpointsOf(name) {
    const count = state.endpoints.filter((endpoint) => endpoint.upstream === name).length;
    return count === 1 ? '1 endpoint' : count + ' endpoints';
  }
  const grave = (badge) => badge === 'breaker open' || /ejected|unhealthy/.test(badge);
  function edgePath(edge, d, lx, ly, anchor) {
    return [draw('path', {class: 'edge ' + grade(edge.success), d, 'stroke-width': weight(edge)}),
      draw('text', {class: 'edge-words', x: lx, y: ly, 'text-anchor': anchor}, edgeLabel(edge))];
  }
  function wideMap(width, inward, edges) {
    const step = 56, box = 44, side = Math.min(330, width * 0.27), middle = Math.min(210, width * 0.18);
    const height = Math.max(1, edges.length) * step + 4;
    const cy = height / 2, ax = width * 0.42 - middle / 2, ux = width - side - 1;
    const svg = draw('svg', {viewBox: `0 0 ${width} ${height}`, height, 'aria-hidden': 'true'});
    const callers = 150;
    if (inward) {
      svg.append(...edgePath(inward, `M${callers} ${cy}H${ax}`, (callers + ax) / 2, cy - 8, 'middle'));
      svg.append(node(1, cy - box / 2, callers, box, 'callers', 'inbound', []));
    }
    edges.forEach((edge, i) => {
      const y = i * step + step / 2 + 2, from = ax + middle, bend = (ux - from) * 0.35;
      svg.append(...edgePath(edge, `M${from} ${cy}C${from + bend} ${cy} ${from + bend * 0.7} ${y} ${from + bend * 1.3} ${y}H${ux}`, ux - 10, y - 7, 'end'));
    });
    edges.forEach((edge, i) => svg.append(node(ux, i * step + 8, side, box, edge.to, endpointsOf(edge.to), edge.badges)));
    svg.append(node(ax, cy - box / 2, middle, box, inward ? 'app' : 'this pod', inward && inward.badges.length ? '' : 'beside this sidecar', inward ? inward.badges : []));
    return svg;
  }
  function tallMap(width, inward, edges) {
    const box = 44, step = 72, indent = 40, right = width - indent - 1;
    const top = inward ? box + 40 : 1;
    const height = top + box + edges.length * step + 6;
    const svg = draw('svg', {viewBox: `0 0 ${width} ${height}`, height, 'aria-hidden': 'true'});
    if (inward) {
      svg.append(...edgePath(inward, `M14 ${box}V${top}`, 26, box + 24, 'start'));
      svg.append(node(1, 1, width - 2, box, 'callers', 'inbound', []));
    }
    const end = top + box + (edges.length - 1) * step + 28 + box / 2;
    if (edges.length) svg.append(draw('path', {class: 'trunk', d: `M14 ${top + box}V${end}`}));
    edges.forEach((edge, i) => {
      const y = top + box + i * step + 28 + box / 2;
      svg.append(...edgePath(edge, `M14 ${y}H${indent}`, indent, y - box / 2 - 6, 'start'));
      svg.append(node(indent, y - box / 2, right, box, edge.to, endpointsOf(edge.to), edge.badges));
    });
    svg.append(node(1, top, width - 2, box, inward ? 'app' : 'this pod', 'beside this sidecar', inward ? inward.badges : []));
    return svg;
  }
  function makeMapKey() {
    for (const [kind, words] of [['good', '99.9 % and more'], ['warn', '99 % and more'], ['bad', 'below 99 %'], ['idle', 'no requests']]) {
      $('map-key').append(make('span', {}, draw('svg', {viewBox: '0 0 26 10', 'aria-hidden': 'true'},
        draw('path', {class: 'edge ' + kind, d: 'M1 5H25', 'stroke-width': 2.5})), words));
    }
  }

  // ---- Endpoints

  const STATES = {healthy: 'calm', returning: 'warn', ejected: 'bad', unhealthy: 'bad', draining: 'warn'};
  function endpoints() {
    const may = state.header.actions && state.header.endpoint_actions;
    rows($('endpoint-table').tBodies[0], state.endpoints, (e) => e.upstream + ' ' + e.address, JSON.stringify, (row, e) => {
      const until = e.ejected_for_ms > 0 ? 'for another ' + short(e.ejected_for_ms) : '';
      const check = e.health && e.health.last_failure && e.state === 'unhealthy' ? e.health.last_failure : '';
      const why = [words(e.why), check, e.changed_at ? 'at ' + clock(e.changed_at) : ''].filter(Boolean).join(' · ');
      cells(row, [
        ['mono tight', e.address, true], ['tight', e.upstream],
        ['tight', [tag(e.state, STATES[e.state] || 'calm'), until ? make('div', {class: 'quiet'}, until) : '']],
        ['wide quiet', why || '–'], ['n', String(e.in_flight)], ['n', String(e.pending)],
        ['n', e.p99_ms > 0 ? milliseconds(e.p99_ms) + ' ms' : '–'], ['n' + (e.failures_in_a_row > 0 ? ' bad' : ''), String(e.failures_in_a_row)],
        ['n', String(e.ejections)]].concat(may ? [['tight', endpointAction(row, e)]] : []));
    });
    const more = state.endpoints_left_out;
    say($('endpoints-more'), (more ? more + ' more: /api/upstreams has them all. ' : '') + 'Queue is of the whole upstream; p99 is to an answer’s head.');
  }
  // The row keeps its button, and the button its focus.
  function endpointAction(row, e) {
    const out = e.state === 'ejected';
    row.order = `/api/endpoints/${encodeURIComponent(e.upstream)}/${encodeURIComponent(e.address)}/${out ? 'restore' : 'eject'}`;
    row.button = row.button || make('button', {type: 'button', onclick: () => act(row.order)});
    row.button.setAttribute('aria-label', (out ? 'Restore ' : 'Eject ') + e.address);
    say(row.button, out ? 'Restore' : 'Eject');
    return row.button;
  }

  // ---- Resilience

  // One bar for each run of the same state: closed low, half-open in the middle, open high.
  function band(values) {
    const most = MOST[span];
    const svg = draw('svg', {class: 'band', viewBox: `0 0 ${most} 20`, preserveAspectRatio: 'none', role: 'img'});
    const first = most - values.length;
    const names = ['closed', 'half', 'open'], tops = [15, 8, 0];
    let open = 0;
    for (let i = 0; i < values.length;) {
      let end = i;
      while (end < values.length && values[end] === values[i]) ++end;
      if (values[i] === 2) open += end - i;
      svg.append(draw('rect', {class: names[values[i]], x: first + i, width: end - i, y: tops[values[i]], height: 20 - tops[values[i]]}));
      i = end;
    }
    svg.setAttribute('aria-label', open ? `open in ${open * STEP[span]} of ${values.length * STEP[span]} seconds` : 'never open');
    return svg;
  }
  function gauge(tokens, cap) {
    const full = cap > 0 ? Math.min(1, tokens / cap) : 0;
    return make('span', {class: 'gauge'}, draw('svg', {viewBox: '0 0 84 8', 'aria-hidden': 'true'},
      draw('rect', {width: 84, height: 8, rx: 1}), draw('rect', {class: tokens < 1 ? 'level low' : 'level', width: 84 * full, height: 8, rx: 1})),
      `${fixed(tokens, 1)} of ${fixed(cap, 0)}` + (tokens < 1 ? ', spent' : ''));
  }
  const BREAKERS = {closed: 'calm', 'half-open': 'warn', open: 'bad'};
  function resilience() {
    say($('band-title'), 'Breaker, last ' + (span === 'fine' ? '5 minutes' : 'hour'));
    const list = [...state.upstreams].sort((a, b) => a.name < b.name ? -1 : 1);
    const print = (u) => JSON.stringify([u, span]);
    rows($('strip').tBodies[0], list, (u) => u.name, print, (row, u) => {
      const policy = [u.policy && 'policy ' + u.policy, u.mode === 'observe' && 'observes only', u.place].filter(Boolean).join(' · ');
      const would = Object.entries(u.would || {}).map(([what, count]) => `${what} ${fixed(count, 0)}`).join(', ');
      const now = u.now || {};
      const high = now.amplification > 1.2;
      cells(row, [
        ['tight', [u.name, make('div', {class: 'quiet'}, policy)], true],
        ['', u.fine && u.has_breaker !== false ? band(u[span].breaker) : 'none'],
        ['wide', [tag(u.breaker, BREAKERS[u.breaker]), u.open_for_ms > 0 ? ' for another ' + short(u.open_for_ms) : '',
          u.breaker_since ? make('div', {class: 'quiet'}, `${words(u.breaker_why)} · at ${clock(u.breaker_since)}`) : '']],
        ['tight', gauge(u.retry_tokens, u.retry_cap)],
        ['n' + (high ? ' warn' : ''), none(now.amplification) ? '–' : '× ' + fixed(now.amplification, 2)],
        ['quiet', would || '–']]);
    });
    const more = state.upstreams_left_out;
    say($('upstreams-more'), more ? more + ' more: /api/upstreams has them all.' : '');
  }
  function makeBandKey() {
    for (const [kind, y, words] of [['closed', 7, 'closed'], ['half', 4, 'half-open'], ['open', 0, 'open']]) {
      $('band-key').append(make('span', {}, draw('svg', {class: 'key-band', viewBox: '0 0 26 10', 'aria-hidden': 'true'},
        draw('g', {class: 'band'}, draw('rect', {class: kind, x: 0, width: 26, y, height: 10 - y}))), words));
    }
  }

  // ---- Decisions

  // Neighbours that say the same, but for how long it took, become one; it is known by its oldest.
  function together(list) {
    const groups = [];
    const gist = (d) => [d.kind, d.endpoint, d.rule, d.text.replace(/, after .*/, '')].join(' ');
    for (const decision of list) {
      const last = groups[groups.length - 1];
      if (last && gist(last) === gist(decision)) groups[groups.length - 1] = {...decision, newest: last.newest, times: last.times + 1};
      else groups.push({...decision, newest: decision, times: 1});
    }
    return groups;
  }
  function decisions() {
    const wanted = $('decision-filter').value.toLowerCase();
    const list = state.decisions.filter((d) => !wanted ||
      [d.kind, d.upstream, d.endpoint, d.text, d.rule, d.rule_path].join(' ').toLowerCase().includes(wanted));
    rows($('decision-table').tBodies[0], together(list), (d) => d.id, (d) => d.id + d.newest.id, (row, d) => cells(row, [
      ['tight quiet', clock(d.newest.time)], ['tight', d.kind],
      ['wide', [words(d.newest.text), d.times > 1 ? make('span', {class: 'quiet'}, ` · ${d.times} times since ${clock(d.time)}`) : '']],
      ['mono', [d.rule || '', d.rule_path ? make('div', {class: 'quiet'}, d.rule_path) : '']]]));
    say($('decisions-none'), list.length ? '' : state.decisions.length ? 'None that the filter lets through.' : 'Nothing out of the ordinary so far.');
  }

  // ---- Config

  let configShown = null;
  function config(force) {
    if (configShown === state.config && !force) return;
    const fresh = configShown !== state.config;
    configShown = state.config;
    say($('config-file'), state.header.config.file);
    const wanted = $('value-filter').value.toLowerCase();
    const written = $('value-written').checked;
    const list = state.config.values.filter((v) => (!written || v.origin !== 'built-in') &&
      (!wanted || (v.path + ' ' + v.value + ' ' + v.origin).toLowerCase().includes(wanted)));
    rows($('value-table').tBodies[0], list, (v) => v.path, JSON.stringify, (row, v) => cells(row, [
      ['mono', v.path, true], ['mono wide', v.value], ['mono tight ' + (v.origin === 'built-in' ? 'quiet' : ''), v.origin]]));
    const more = state.config.values_left_out;
    say($('values-more'), `${list.length} of ${state.config.values.length} values` + (more ? `; ${more} more in /api/config` : ''));
    if (fresh) $('history').replaceChildren(...state.config.history.map(reloadRecord));
  }
  function reloadRecord(record, index) {
    const kind = {started: 'calm', applied: 'good', rejected: 'bad'}[record.result];
    const count = record.changes.length + (record.changes_left_out || 0);
    const waits = record.needs_restart ? ', needs a restart' : '';
    const what = record.error ? record.error.at : record.result === 'applied' ? count + (count === 1 ? ' change' : ' changes') + waits : '';
    const body = make('div', {class: 'body'});
    if (record.error) body.append(make('pre', {}, record.error.text.trim()));
    if (waits) body.append(make('p', {class: 'note'}, 'Takes effect after a restart only: ' + record.needs_restart.join(', ') + '.'));
    for (const change of record.changes) {
      const diff = make('div', {class: 'diff'}, change.path, make('span', {class: 'quiet'}, '  ' + change.origin));
      if (!none(change.before)) diff.append(make('del', {}, '− ' + change.before));
      if (!none(change.after)) diff.append(make('ins', {}, '+ ' + change.after));
      body.append(diff);
    }
    if (record.changes_left_out) body.append(make('p', {class: 'note'}, record.changes_left_out + ' more'));
    if (!body.childNodes.length) body.append(record.result === 'applied' ? 'No value changed: comments or order only.' : 'The config that the process began with.');
    const details = make('details', {}, make('summary', {}, make('span', {class: 'quiet'}, day(record.time) + ' ' + clock(record.time) + ' '),
      tag(record.result, kind), make('span', {class: 'mono'}, ' ' + (record.hash || '').slice(0, 8) + ' '), what), body);
    details.open = index === 0 && record.result !== 'started';
    return details;
  }

  // ---- Actions

  async function act(path, body) {
    say($('act-result'), 'asking');
    try {
      const answer = await fetch(path, {method: 'POST', headers: {'outrigger-admin': '1'}, body: body ? JSON.stringify(body) : ''});
      const told = await answer.json();
      say($('act-result'), told.error ? 'refused: ' + told.error : Object.entries(told).map(([k, v]) => `${k}: ${v}`).join(', '));
    } catch (failure) {
      say($('act-result'), 'no answer: ' + failure.message);
    }
  }
  // What cannot be taken back asks to be pressed twice.
  let sure = 0;
  function drain() {
    const button = $('act-drain');
    if (Date.now() < sure) {
      sure = 0;
      say(button, 'Drain');
      return act('/api/drain');
    }
    sure = Date.now() + 4000;
    say(button, 'Press again to drain');
    setTimeout(() => { if (Date.now() >= sure) say(button, 'Drain'); }, 4100);
  }

  // ---- All of it

  function show() {
    $('app').hidden = $('facts').hidden = $('sections').hidden = false;
    header();
    tiles.forEach(showTile);
    map();
    endpoints();
    resilience();
    decisions();
    config();
  }
  function choose(which) {
    span = which;
    for (const name of ['fine', 'coarse']) $('span-' + name).setAttribute('aria-pressed', String(name === which));
    if (state) show();
  }

  // ---- The connection

  let source = null, heard = 0, retry = 0;
  function connection(live, text) {
    $('link').hidden = false;
    mark($('link'), live ? 'link' : 'link lost');
    say($('link-text'), text);
  }
  function disconnect() {
    clearTimeout(retry);
    if (source) source.close();
    source = null;
  }
  function connect() {
    disconnect();
    heard = Date.now();
    source = new EventSource('/api/events');
    source.addEventListener('state', (event) => {
      heard = Date.now();
      connection(true, 'live');
      take(JSON.parse(event.data));
    });
    source.onerror = () => {
      connection(false, state ? 'connection lost at ' + clock(heard) + ', trying again' : 'no connection, trying again');
      if (source && source.readyState === EventSource.CLOSED) retry = setTimeout(connect, 3000);
    };
  }
  setInterval(() => {
    if (source && Date.now() - heard > 8000) {
      connection(false, 'no news since ' + clock(heard) + ', trying again');
      connect();
    }
  }, 2000);
  document.addEventListener('visibilitychange', () => document.hidden ? disconnect() : connect());
  addEventListener('resize', () => { if (state) map(); });

  $('plain').hidden = true;
  makeTiles();
  makeMapKey();
  makeBandKey();
  $('span-fine').addEventListener('click', () => choose('fine'));
  $('span-coarse').addEventListener('click', () => choose('coarse'));
  $('decision-filter').addEventListener('input', () => state && decisions());
  $('value-filter').addEventListener('input', () => state && config(true));
  $('value-written').addEventListener('change', () => state && config(true));
  $('act-reload').addEventListener('click', () => act('/api/reload'));
  $('act-level').addEventListener('click', () => act('/api/log-level', {level: $('log-level').value}));
  $('act-drain').addEventListener('click', drain);
  connection(true, 'connecting');
  if (!document.hidden) connect();
})();
