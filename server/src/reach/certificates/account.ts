import { givenIn } from '../../config/given.ts'
import { type AuthorityConfig, directoryOf } from '../../config/tls.ts'
import { Secret } from '../../kernel/secret.ts'
import type { Account } from './authority.ts'
import type { Wanted } from './certificate.ts'
import type { CertificatePorts } from './ports.ts'

/** What an app says of the authority with this directory. */
export const choiceOf = ({ tls }: Pick<Wanted, 'tls'>, directory: string): AuthorityConfig =>
  tls.fallback !== undefined && directory !== directoryOf(tls) ? tls.fallback : tls

/** The authority with this directory, and as whom it is asked. */
export async function authorityOf(
  { file }: Pick<CertificatePorts, 'file'>,
  { tls, secrets }: Pick<Wanted, 'tls' | 'secrets'>,
  directory: string,
): Promise<Omit<Account, 'key'>> {
  const value = (given: string | { from: string }) => givenIn(given, secrets)
  const { root, account } = choiceOf({ tls }, directory)
  return {
    directory,
    root: root === undefined ? null : await file(root),
    email: tls.email ?? null,
    binding: account === undefined ? null : { kid: value(account.kid), key: new Secret(value(account.key)) },
  }
}

/** The same with the key of the account, which is made once and kept for ever. */
export async function accountOf(
  ports: CertificatePorts,
  wanted: Wanted,
  directory: string,
): Promise<Account> {
  const { certificates, authorities } = ports
  const about = await authorityOf(ports, wanted, directory)
  const id = [about.directory, about.email ?? '', about.binding?.kid ?? ''].join(' ')
  const known = await certificates.accountKey(id)
  if (known !== null) return { ...about, key: known }
  const key = await authorities.newKey()
  await certificates.keepAccountKey(id, key)
  return { ...about, key }
}
