import { directoryOf } from '../../config/tls.ts'
import { Secret } from '../../kernel/secret.ts'
import type { Account } from './authority.ts'
import type { Wanted } from './certificate.ts'
import type { CertificatePorts } from './ports.ts'

/** The authority that an app wants, and as whom it is asked. */
export async function authorityOf(
  { file }: Pick<CertificatePorts, 'file'>,
  { tls, secrets }: Pick<Wanted, 'tls' | 'secrets'>,
): Promise<Omit<Account, 'key'>> {
  const value = (given: string | { from: string }) =>
    typeof given === 'string' ? given : (secrets[given.from] ?? '')
  const { account } = tls
  return {
    directory: directoryOf(tls),
    root: tls.root === undefined ? null : await file(tls.root),
    email: tls.email ?? null,
    binding: account === undefined ? null : { kid: value(account.kid), key: new Secret(value(account.key)) },
  }
}

/** The same with the key of the account, which is made once and kept for ever. */
export async function accountOf(ports: CertificatePorts, wanted: Wanted): Promise<Account> {
  const { certificates, authorities } = ports
  const about = await authorityOf(ports, wanted)
  const id = [about.directory, about.email ?? '', about.binding?.kid ?? ''].join(' ')
  const known = await certificates.accountKey(id)
  if (known !== null) return { ...about, key: known }
  const key = await authorities.newKey()
  await certificates.keepAccountKey(id, key)
  return { ...about, key }
}
