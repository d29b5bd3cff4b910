import { BlockList, isIP } from 'node:net';

/** Networks that are not routed on the Internet (https://www.iana.org/assignments/iana-ipv4-special-registry/). */
const PRIVATE: readonly (readonly [network: string, prefix: number, family: 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['::', 127, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
];

const privateNetworks = new BlockList();
for (const [network, prefix, family] of PRIVATE) privateNetworks.addSubnet(network, prefix, family);

const PRIVATE_DOMAINS = ['.localhost', '.local', '.internal', '.home.arpa', '.lan'];

/**
 * Can only one's own network reach the host of this url (a private or loopback address, `localhost`,
 * `*.local`, a name without a dot)? Names are not looked up.
 */
export function isPrivateHost(url: URL): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const family = isIP(host);
  if (family === 4) return privateNetworks.check(host, 'ipv4');
  if (family === 6) return privateNetworks.check(host, 'ipv6');
  return !host.includes('.') || PRIVATE_DOMAINS.some((domain) => host.endsWith(domain));
}
