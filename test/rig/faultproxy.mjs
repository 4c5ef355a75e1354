// faultproxy.mjs PORT UPSTREAM_URL: an HTTP proxy on 127.0.0.1 that injects faults set at run time.
//   PUT    /__faults  {"seed": 1, "rules": [RULE, ...]}    sets the rules (the first that fits a request is applied)
//   GET    /__faults  the rules with their hits, and the requests seen by method
//   DELETE /__faults  no rules
// RULE: {"method": "GET", "path": "^/cas/" (a regular expression), and which of the fitting requests:
//        "skip": leave the first N alone, "every": each Nth, "pct": a share by a seeded generator, "times": at most N,
//        "action": one of
//          status    "status": 500, "headers": {"Retry-After": "1"}, "body": "..."; the upstream sees nothing
//          reset     "after": bytes of the answer (0: none), then the connection is reset
//          truncate  the answer promises its full length but ends after "after" bytes
//          short     the answer is a well-formed one of only "after" bytes
//          corrupt   the byte at "after" of the answer is flipped
//          hang      no answer at all; the connection stays open
//          delay     "ms" before the request goes on
//          slow      the answer at "bps" bytes per second
//          lose      the request's body is read and 201 answered, nothing stored
//          late      the request is carried out, but the connection is reset instead of an answer
//          cut_put   only the first "after" bytes of the request's body are stored}
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const [port, upstream] = [Number(process.argv[2]), new URL(process.argv[3])];
const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
let rules = [],
  state = 1,
  seen = {};

const random = () => {
  // xorshift32: the same seed gives the same faults
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) / 2 ** 32;
};
function pick(req) {
  for (const r of rules) {
    if (r.method && r.method !== req.method) continue;
    if (r.path && !new RegExp(r.path).test(req.url)) continue;
    r.fits = (r.fits ?? 0) + 1;
    if (r.skip && r.fits <= r.skip) continue;
    if (r.every && (r.fits - (r.skip ?? 0)) % r.every !== 0) continue;
    if (r.times != null && (r.hits ?? 0) >= r.times) continue;
    if (r.pct != null && random() * 100 >= r.pct) continue;
    r.hits = (r.hits ?? 0) + 1;
    return r;
  }
  return null;
}
async function control(req, res) {
  let body = '';
  for await (const c of req) body += c;
  if (req.method === 'PUT') {
    let c;
    try {
      c = JSON.parse(body);
    } catch (e) {
      res.writeHead(400).end(String(e));
      return;
    }
    rules = c.rules ?? [];
    state = (c.seed ?? 1) | 0 || 1;
    seen = {};
  } else if (req.method === 'DELETE') {
    rules = [];
    seen = {};
  }
  res.setHeader('content-type', 'application/json');
  res.end(`${JSON.stringify({ rules, seen })}\n`);
}
const reset = (s) => (s.resetAndDestroy ? s.resetAndDestroy() : s.destroy());

async function handle(req, res) {
  if (req.url === '/__faults') return control(req, res);
  seen[req.method] = (seen[req.method] ?? 0) + 1;
  const f = pick(req),
    act = f?.action,
    after = f?.after ?? 0;
  if (act === 'hang') {
    req.resume();
    return;
  }
  if (act === 'reset' && after === 0) {
    reset(req.socket);
    return;
  }
  if (act === 'status' || act === 'lose') {
    for await (const c of req) void c;
    res.writeHead(act === 'lose' ? 201 : (f.status ?? 500), f.headers ?? {});
    res.end(act === 'lose' ? '' : (f.body ?? `injected ${f.status ?? 500}\n`));
    return;
  }
  if (act === 'delay') await sleep(f.ms ?? 1000);
  const headers = { ...req.headers };
  delete headers.connection;
  if (act === 'cut_put' && headers['content-length'])
    headers['content-length'] = String(Math.min(after, Number(headers['content-length'])));
  const up = http.request({
    host: upstream.hostname,
    port: upstream.port,
    method: req.method,
    path: req.url,
    headers,
    agent,
  });
  up.on('error', (e) => {
    if (!res.headersSent) res.writeHead(502).end(`${e.message}\n`);
    else reset(req.socket);
  });
  res.on('close', () => {
    if (!res.writableEnded) up.destroy();
  });
  if (act === 'cut_put') {
    let left = after;
    (async () => {
      for await (const c of req) {
        if (left > 0) up.write(c.subarray(0, left));
        left -= c.length;
      }
      up.end();
    })().catch(() => up.destroy());
  } else req.pipe(up);
  up.on('response', async (ur) => {
    if (act === 'late') {
      ur.resume();
      ur.on('end', () => reset(req.socket));
      return;
    }
    const h = { ...ur.headers };
    delete h.connection;
    delete h['keep-alive'];
    if (act === 'short') {
      h['content-length'] = String(Math.min(after, Number(h['content-length'] ?? after)));
      delete h['transfer-encoding'];
    }
    res.writeHead(ur.statusCode, h);
    if (!['reset', 'truncate', 'short', 'corrupt', 'slow'].includes(act)) {
      ur.pipe(res);
      return;
    }
    let sent = 0;
    const t0 = Date.now();
    try {
      for await (let c of ur) {
        if (act === 'corrupt' && after >= sent && after < sent + c.length) {
          c = Buffer.from(c);
          c[after - sent] ^= 0xff;
        }
        const cut = ['reset', 'truncate', 'short'].includes(act);
        if (cut && sent + c.length > after) c = c.subarray(0, after - sent);
        if (act === 'slow') {
          for (let i = 0; i < c.length; i += 1024) {
            const part = c.subarray(i, i + 1024);
            sent += part.length;
            const wait = t0 + (sent / (f.bps ?? 1024)) * 1000 - Date.now();
            if (wait > 0) await sleep(wait);
            if (!res.write(part))
              await new Promise((r) => {
                res.once('drain', r);
                res.once('close', r);
              });
            if (res.destroyed) {
              ur.destroy();
              return;
            }
          }
        } else {
          sent += c.length;
          if (c.length) res.write(c);
        }
        if (cut && sent >= after) {
          if (act === 'short') break;
          ur.destroy();
          await sleep(20); // let what was written get out first
          if (act === 'reset') reset(req.socket);
          else req.socket.destroySoon();
          return;
        }
      }
      res.end();
    } catch {
      reset(req.socket);
    }
  });
}
const server = http.createServer((q, s) => {
  handle(q, s).catch(() => reset(q.socket));
});
server.keepAliveTimeout = 300e3;
server.requestTimeout = 0;
server.headersTimeout = 0;
server.on('clientError', (_, socket) => socket.destroy());
server.listen(port, '127.0.0.1', 1024, () => console.log(`faultproxy 127.0.0.1:${port} -> ${upstream.href}`));
for (const s of ['SIGTERM', 'SIGINT']) process.on(s, () => process.exit(0));
