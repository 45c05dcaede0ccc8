import { chmod, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { execOk } from '../host/exec.ts'
import { exists } from '../host/files.ts'
import { NOBODYS } from './tls.ts'

const YEARS_100 = '36500'

/** Makes the certificate for no name, below nginx's prefix. The key is renamed last, so that both are there or are made again. */
export async function makeNobodys(folder: string): Promise<void> {
  const [certificate, key] = [join(folder, NOBODYS.certificate), join(folder, NOBODYS.key)]
  if (await exists(key)) return
  const shape = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const about = ['-subj', '/CN=nobody.invalid', '-days', YEARS_100]
  const argv = ['openssl', 'req', ...shape, ...about, '-keyout', `${key}.new`, '-out', certificate]
  await execOk({ argv, timeoutMs: 20_000 }, 'openssl req')
  await chmod(`${key}.new`, 0o600)
  await rename(`${key}.new`, key)
}
