import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileCipher } from '../../kernel/cipher.ts'
import { exists, writeIfChanged } from '../host/files.ts'
import { control } from './control.ts'
import { writeEncrypted } from './encrypted.ts'
import { filtering, writeFilter } from './log.ts'
import { opening } from './scripts.ts'

/**
 * Encrypts what an earlier version wrote as it is into folders of services: environments of programs of apps, and rules of
 * logs. What runs is not disturbed, because it has read them already. May be cut at any point, and done again.
 */
export async function encryptEarlier(services: string, cipher: FileCipher): Promise<void> {
  const opened = `${opening(cipher).join('\n')}\n`
  for (const name of await readdir(services).catch(() => [])) {
    const at = join(services, name)
    if (await exists(join(at, 'confine')))
      await replace(at, 'environment', cipher, run =>
        run.replace('#!/bin/sh\n', '#!/bin/bash\n').replace('exec 3<environment\n', () => opened),
      )
    const log = join(at, 'log')
    if (!(await exists(join(log, 'rules')))) continue
    await writeFilter(log)
    const filtered = await replace(log, 'rules', cipher, run =>
      run.replace('exec perl filter rules ', () => `${filtering(cipher)} `),
    )
    // The filter of before would read its rules again where they are no more. What comes meanwhile waits in the pipe.
    if (filtered) await control(log, 't')
  }
}

/** The encrypted file is there before the `run` that reads it, and the plain one until then. false: there was nothing to encrypt. */
async function replace(
  at: string,
  name: string,
  cipher: FileCipher,
  rewritten: (run: string) => string,
): Promise<boolean> {
  const plain = join(at, name)
  const text = await readFile(plain, 'utf8').catch(() => '')
  if (text !== '') {
    const run = rewritten(await readFile(join(at, 'run'), 'utf8'))
    if (!run.includes(`${name}.age`)) return false
    await writeEncrypted(`${plain}.age`, text, cipher)
    await writeIfChanged(join(at, 'run'), run, 0o700)
  }
  await rm(plain, { force: true })
  return text !== ''
}
