import { Failure } from '../kernel/failure.ts'

/** A server that is reached by ssh. */
export interface Address {
  /** What ssh is told: `server`, or `user@server`. */
  destination: string
  port: number | null
  /** The home of Innkeeper there. */
  home: string
}

const ROOT_HOME = '/var/lib/innkeeper'
const DESTINATION =
  /^(?:[A-Za-z0-9_.][A-Za-z0-9_.-]*@)?(?:[A-Za-z0-9_.][A-Za-z0-9_.-]*|\[[0-9a-fA-F:.%a-z]+\])$/

/**
 * Reads `[user@]server[:/home]` or `ssh://[user@]server[:port][/home]`; the server may be a name of the own ssh
 * configuration. Failure `usage.host`.
 */
export function readAddress(text: string): Address {
  const url = /^ssh:\/\/([^/:[]+|(?:[^/[]*@)?\[[^\]]+\])(?::(\d{1,5}))?(\/.*)?$/.exec(text)
  const plain = /^([^:[]+|(?:[^[:]*@)?\[[^\]]+\])(?::(\/(?!\/).*))?$/.exec(text)
  const [destination, port, home] =
    url !== null ? [url[1]!, url[2], url[3]] : [plain?.[1] ?? '', undefined, plain?.[2]]
  if (!DESTINATION.test(destination) || Number(port ?? 1) > 65_535 || Number(port ?? 1) < 1)
    throw new Failure('usage.host', `${text === '' ? 'an empty text' : text} is no server`, {
      why: 'a server is [user@]name[:/home], or ssh://[user@]name[:port][/home]',
      fix: '`inn --host root@server.example.com status`',
    })
  return {
    // ssh takes brackets for a part of the name.
    destination: destination.replace(/\[(.+)\]/, '$1'),
    port: port === undefined ? null : Number(port),
    home: home === undefined || home === '/' ? ROOT_HOME : home.replace(/\/+$/, ''),
  }
}
