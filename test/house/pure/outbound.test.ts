/**
 * Owns the proof that nobody can make us call what is not public: hostile addresses when they are
 * given, and names that turn hostile when they are connected to.
 * Must not open a connection. Source: `security.md`, sections 11 and 14 (API7).
 */
import type { LookupFunction } from 'node:net';
import { post, whyNotTo } from '../../../runtime/outbound';

const HOSTILE = [
  'https://127.0.0.1/',
  'https://127.1/',
  'https://2130706433/', // decimal
  'https://0x7f000001/', // hexadecimal
  'https://0177.0.0.1/', // octal
  'https://0.0.0.0/',
  'https://10.0.0.1/',
  'https://172.16.0.1/',
  'https://192.168.1.1/',
  'https://169.254.169.254/latest/meta-data/', // metadata of a cloud
  'https://100.64.0.1/', // carrier-grade NAT
  'https://192.0.2.1/', // documentation
  'https://198.18.0.1/', // benchmarks
  'https://224.0.0.1/', // multicast
  'https://255.255.255.255/',
  'https://[::1]/',
  'https://[::]/',
  'https://[::127.0.0.1]/', // IPv4-compatible
  'https://[::ffff:127.0.0.1]/', // mapped
  'https://[::ffff:7f00:1]/',
  'https://[64:ff9b::7f00:1]/', // NAT64
  'https://[2002:7f00:1::]/', // 6to4
  'https://[fe80::1]/',
  'https://[fc00::1]/',
  'https://[ff02::1]/',
  'https://localhost/',
  'https://localhost./',
  'https://db.internal/',
  'https://printer.local/',
  'https://metadata/',
  'https://user:secret@example.com/',
  'https://example.com:22/',
  'http://example.com/',
  'ftp://example.com/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'gopher://127.0.0.1:6379/',
  'https:///',
  'example.com',
  '',
];

test.each(HOSTILE)('%s is not posted to', async (url) => {
  const lookup = jest.fn<void, Parameters<LookupFunction>>();
  expect(whyNotTo(url, false)).toEqual(expect.any(String));
  const posted = await post({ url, headers: {}, body: '{}', local: false, lookup });
  expect(posted).toMatchObject({ status: null, error: expect.stringMatching(/^forbidden/) });
  expect(lookup).not.toHaveBeenCalled();
});

test.each([
  'https://example.com/hooks',
  'https://example.com:8443/hooks?a=b',
  'https://93.184.215.14/',
  'https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/',
])('%s may be posted to', (url) => {
  expect(whyNotTo(url, false)).toBeNull();
});

test('this machine may be called in development alone', () => {
  for (const url of ['http://127.0.0.1:3000/', 'http://localhost:3000/', 'https://[::1]:4000/']) {
    expect(whyNotTo(url, true)).toBeNull();
    expect(whyNotTo(url, false)).not.toBeNull();
  }
  expect(whyNotTo('http://10.0.0.1/', true)).not.toBeNull();
});

test.each(['127.0.0.1', '10.1.2.3', '169.254.169.254', '::1', '::ffff:10.0.0.1'])(
  'a name that stands for %s when it is connected to is not connected to',
  async (address) => {
    const family = address.includes(':') ? 6 : 4;
    const lookup = jest.fn<void, Parameters<LookupFunction>>((_name, { all }, answer) =>
      all ? answer(null, [{ address, family }]) : answer(null, address, family),
    );
    const url = 'https://hooks.example.com/';
    const posted = await post({ url, headers: {}, body: '{}', local: false, lookup });
    expect(lookup).toHaveBeenCalledTimes(1);
    expect(posted).toMatchObject({ status: null, error: 'forbidden: not a public address' });
  },
);
