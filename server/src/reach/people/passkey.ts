/**
 * The name of a dashboard to which a passkey that is added there is bound, from the origin of its page; null: there can
 * be none, because it is an IP address, or neither localhost nor behind TLS.
 *
 * A browser would take a passkey of a host on each of its ports, where apps may be: so the port is part of the name. It
 * is not on localhost, where tunnels end at whichever port is free.
 */
export function passkeyHost(origin: string): string | null {
  if (!URL.canParse(origin)) return null
  const { protocol, hostname, host } = new URL(origin)
  if (hostname === 'localhost' || hostname.endsWith('.localhost')) return hostname
  const isAddress = hostname.startsWith('[') || /^[\d.]+$/.test(hostname)
  return protocol === 'https:' && !isAddress ? host : null
}
