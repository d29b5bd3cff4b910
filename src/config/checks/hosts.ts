import type { BlockList } from 'node:net';

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

let privateNetworks: BlockList | undefined;

/** node:net is loaded only where a url has an address for a name: that costs a start a millisecond. */
async function isPrivateAddress(address: string, family: 'ipv4' | 'ipv6'): Promise<boolean> {
  if (!privateNetworks) {
    const net = await import('node:net');
    privateNetworks = new net.BlockList();
    for (const [network, prefix, of] of PRIVATE) privateNetworks.addSubnet(network, prefix, of);
  }
  return privateNetworks.check(address, family);
}

const PRIVATE_DOMAINS = ['.localhost', '.local', '.internal', '.home.arpa', '.lan'];

/**
 * Can only one's own network reach the host of this url (a private or loopback address, `localhost`,
 * `*.local`, a name without a dot)? Names are not looked up.
 */
export async function isPrivateHost(url: URL): Promise<boolean> {
  const { hostname } = url;
  // A URL has told addresses from names already, and writes them in one way (https://url.spec.whatwg.org/#host-serializing).
  if (hostname.startsWith('[')) return isPrivateAddress(hostname.slice(1, -1), 'ipv6');
  if (/^\d+\.\d+\.\d+\.\d+$/.test(hostname)) return isPrivateAddress(hostname, 'ipv4');
  const host = hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
  return !host.includes('.') || PRIVATE_DOMAINS.some((domain) => host.endsWith(domain));
}
