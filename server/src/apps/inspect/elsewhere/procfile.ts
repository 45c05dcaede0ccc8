import { folderOf } from '../tree.ts'
import { type Foreign, type Reader, service } from './foreign.ts'

/** Heroku, Dokku and others: one process on a line. */
export const procfile: Reader = (text, into) => {
  for (const [at, row] of text.split('\n').entries()) {
    if (row.trim() === '' || row.trim().startsWith('#')) continue
    const match = /^([\w.-]+)\s*:\s*(\S.*?)\s*$/.exec(row)
    if (match === null) into.unread.push(`line ${at + 1} is not NAME: COMMAND`)
    else process(match[1]!, match[2]!, into)
  }
}

function process(name: string, command: string, into: Foreign): void {
  if (name === 'release') into.release = command
  else if (name === 'console') into.lost.push(`${name}: \`inn run\` runs a command beside the app`)
  else into.services.push(service(name, folderOf(into.file), { command, worker: name !== 'web' }))
}
