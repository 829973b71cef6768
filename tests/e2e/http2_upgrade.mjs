// A caller that asks for a WebSocket over HTTP/2 (RFC 8441): sends octets early and late, ends its side, and prints the
// status and what came back. Usage: node http2_upgrade.mjs PORT AUTHORITY
import http2 from 'node:http2';

const [port, authority] = process.argv.slice(2);
const session = http2.connect(`http://127.0.0.1:${port}`);
session.on('error', (error) => { console.log(`session: ${error.message}`); process.exit(1); });
session.on('remoteSettings', (settings) => {
  if (!settings.enableConnectProtocol) { console.log('not offered'); process.exit(1); }
  const stream = session.request(
      {':method': 'CONNECT', ':protocol': 'websocket', ':scheme': 'http', ':path': '/chat', ':authority': authority,
       'sec-websocket-version': '13', 'sec-websocket-key': 'of no use here'},
      {endStream: false});
  let text = '';
  stream.setEncoding('utf8');
  stream.write('early ');
  stream.on('response', (head) => {
    text = `${head[':status']} accept=${head['sec-websocket-accept']} upgrade=${head.upgrade}: `;
    stream.end('late ');
  });
  stream.on('data', (data) => { text += data; });
  stream.on('error', (error) => { console.log(`stream: ${error.message}`); process.exit(1); });
  stream.on('close', () => { console.log(text); session.close(); });
});
