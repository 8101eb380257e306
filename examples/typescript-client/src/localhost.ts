// Names below .localhost mean this machine (RFC 6761, section 6.3). Browsers know that; Node asks the
// system's resolver, which often doesn't. For development only.
import dns from "node:dns";

type Lookup = (hostname: string, ...rest: unknown[]) => void;

const ask = dns.lookup as Lookup;
const lookup: Lookup = (hostname, ...rest) =>
  ask(hostname.endsWith(".localhost") ? "127.0.0.1" : hostname, ...rest);
Object.assign(dns, { lookup });
