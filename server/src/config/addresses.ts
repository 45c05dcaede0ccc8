import { z } from 'zod'
import { didYouMean, list } from '../kernel/words.ts'

/** Ranges of addresses that have a name here, with the day on which their owner's own list was read. */
export const ADDRESS_LISTS = {
  /** https://www.cloudflare.com/ips/ */
  cloudflare: {
    read: '2026-10-05',
    ranges: [
      '173.245.48.0/20',
      '103.21.244.0/22',
      '103.22.200.0/22',
      '103.31.4.0/22',
      '141.101.64.0/18',
      '108.162.192.0/18',
      '190.93.240.0/20',
      '188.114.96.0/20',
      '197.234.240.0/22',
      '198.41.128.0/17',
      '162.158.0.0/15',
      '104.16.0.0/13',
      '104.24.0.0/14',
      '172.64.0.0/13',
      '131.0.72.0/22',
      '2400:cb00::/32',
      '2606:4700::/32',
      '2803:f800::/32',
      '2405:b500::/32',
      '2405:8100::/32',
      '2a06:98c0::/29',
      '2c0f:f248::/32',
    ],
  },
  /** RFC 1122 and RFC 4291: this machine. */
  loopback: { read: '2026-11-29', ranges: ['127.0.0.0/8', '::1'] },
  /** RFC 1918, RFC 6598 and RFC 4193: networks of one's own. */
  private: {
    read: '2026-11-29',
    ranges: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'],
  },
} as const

type ListName = keyof typeof ADDRESS_LISTS
const NAMES = Object.keys(ADDRESS_LISTS) as ListName[]
const isList = (text: string): text is ListName => Object.hasOwn(ADDRESS_LISTS, text)

const range = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])

function problemOf(text: string): string | null {
  if (isList(text) || range.safeParse(text).success) return null
  const near = didYouMean(text, NAMES)
  return `"${text}" is no address: write one, a range as in 10.0.0.0/8 or 2001:db8::/32, or a list: ${list(NAMES)}${near === null ? '' : `; did you mean ${near}?`}`
}

/** An address, a range, or the name of a list. */
export const addresses = z.array(
  z.string().superRefine((text, context) => {
    const message = problemOf(text)
    if (message !== null) context.addIssue({ code: 'custom', message })
  }),
)

/** The ranges of a list as the file has it: names stand for what they list. */
export const rangesOf = (written: readonly string[]): string[] =>
  written.flatMap(text => (isList(text) ? ADDRESS_LISTS[text].ranges : [text]))
