import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { Failure } from '../../kernel/failure.ts'

/** Far more than a chain with its root. */
const MOST_BYTES = 256 * 1024

/**
 * A file with certificates or a key that an app's file names. It must be one that no app could have written: whoever can
 * change it decides whom this server trusts. Failure `certificate.file`.
 */
export async function pemFile(path: string, { secret = false } = {}): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: Error) => {
    throw unusable(path, error.message)
  })
  try {
    const { uid, mode, size } = await file.stat()
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw unusable(path, 'it is no file')
    if (size > MOST_BYTES) throw unusable(path, `it has ${size} bytes`)
    if (uid !== 0 && uid !== process.getuid!()) throw unusable(path, 'it belongs to another user than root')
    if ((mode & 0o022) !== 0) throw unusable(path, 'others than its owner may write to it')
    if (secret && (mode & 0o004) !== 0) throw unusable(path, 'everybody may read this key')
    const text = await file.readFile('utf8')
    if (!text.includes('-----BEGIN ')) throw unusable(path, 'nothing in it is PEM')
    return text
  } finally {
    await file.close()
  }
}

const unusable = (path: string, why: string): Failure =>
  new Failure('certificate.file', `${path} cannot be used`, {
    why,
    fix: `make it a PEM file of root's: \`chown root ${path}\`, \`chmod 644 ${path}\` (600 for a key)`,
  })
