// The first file that Node.js loads, and JavaScript: what is loaded before the cache is turned on has its types
// stripped again at each command, which takes longer than all the rest of `inn --help`.
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// Not in the folder that Node.js would take, below /tmp: what is in there runs with the rights of who types the command.
enableCompileCache(join(import.meta.dirname, '../../../node_modules/.cache/compiled'))
await import('./entry.ts')
