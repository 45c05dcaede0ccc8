import { Failure } from '../../kernel/failure.ts'
import type { PullEvent } from './payload.ts'
import type { Provider } from './wire.ts'

/** A repository, as its address says. */
export interface RepositoryAddress {
  /** With which git fetches it. */
  url: string
  /** The server, and the folder of it below which the provider lies: `https://git.example.com`. */
  base: string
  /** `owner/name`; of GitLab with all groups. */
  name: string
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]'])
const PATH = /^(?:\/[\w.~-]+){2,}\/?$/

/** Reads the address of a repository. Failure `connection.repository`. */
export function repositoryAt(provider: Provider, text: string): RepositoryAddress {
  const url = URL.canParse(text) ? new URL(text) : null
  const parts = (url?.pathname ?? '').replace(/\/$/, '').replace(/\.git$/, '')
  if (url === null || !PATH.test(parts) || url.search !== '' || url.hash !== '') throw unread(text)
  if (url.username !== '' || url.password !== '') throw withPassword()
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.has(url.hostname)))
    throw unread(text)
  const names = parts.slice(1).split('/')
  const own = provider === 'gitlab' ? names : names.slice(-2)
  const above = names.slice(0, names.length - own.length).map(name => `/${name}`)
  return {
    url: `${url.origin}${parts}.git`,
    base: `${url.origin}${above.join('')}`,
    name: own.join('/'),
  }
}

/** The provider of a host that everybody knows; null: any of them may be there. */
export function providerAt(repository: string): Provider | null {
  const known: Readonly<Record<string, Provider>> = {
    'github.com': 'github',
    'gitlab.com': 'gitlab',
    'gitea.com': 'gitea',
    'codeberg.org': 'forgejo',
  }
  return URL.canParse(repository) ? (known[new URL(repository).hostname] ?? null) : null
}

/** Where the API of a provider is. */
export function apiOf(provider: Provider, { base }: Pick<RepositoryAddress, 'base'>): string {
  if (provider === 'github')
    return base === 'https://github.com' ? 'https://api.github.com' : `${base}/api/v3`
  return `${base}${provider === 'gitlab' ? '/api/v4' : '/api/v1'}`
}

/** The address of an API, as somebody gave it. Failure `connection.api`. */
export function checkApi(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname))
  if (url !== null && safe && `${url.username}${url.password}${url.search}${url.hash}` === '')
    return text.replace(/\/+$/, '')
  throw new Failure('connection.api', `${text} is no address of an API`, {
    why: 'it begins with https://, and has neither a password nor a query; http:// is for this machine alone',
    fix: '`inn preview connect shop --repository … --api https://git.example.com/api/v1`',
  })
}

/** The name of git for the head of a pull request. */
export const refOf = (provider: Provider, number: number): string =>
  provider === 'gitlab' ? `refs/merge-requests/${number}/head` : `refs/pull/${number}/head`

/** What a connection takes. */
export interface Taking {
  name: string
  branches: readonly string[]
  forks: boolean
}

/** Why an event changes nothing here; null: it does. */
export function refusal({ name, branches, forks }: Taking, event: PullEvent): string | null {
  // One hook of an organisation sends events of all its repositories.
  if (event.repository.toLowerCase() !== name.toLowerCase()) return 'it is of another repository'
  if (event.action === 'down') return null
  if (event.fork && !forks) return 'it comes out of another repository, and those are not deployed'
  if (!branches.some(one => matches(one, event.base))) return 'it goes into a branch that is not named'
  return null
}

const matches = (pattern: string, branch: string): boolean =>
  new RegExp(`^${pattern.split('*').map(RegExp.escape).join('.*')}$`, 's').test(branch)

const unread = (text: string): Failure =>
  new Failure('connection.repository', `${text} is no address of a repository`, {
    why: 'it is the one for HTTPS, https://HOST/OWNER/NAME.git; http:// is for this machine alone, and ssh is not used',
    fix: '`inn preview connect shop --repository https://github.com/example/shop.git`',
  })

const withPassword = (): Failure =>
  new Failure('connection.repository', 'a password does not belong in the address of a repository', {
    why: 'the address is shown in lists and in the audit log',
    fix: 'leave it out: the command asks for a token, or takes it from standard input',
  })
