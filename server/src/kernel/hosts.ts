/** A host without the brackets that stand around an IPv6 address in a URL. */
export const bareHost = (host: string): string => host.replace(/^\[|\]$/g, '')
