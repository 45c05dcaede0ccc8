import { text } from 'node:stream/consumers'
import { inside } from '../drivers/host/isolation-inside.ts'
import { describe, lines } from '../kernel/failure.ts'

// Runs in its own namespaces. The order contains secrets, so it comes on standard input, where nobody else can read it.
try {
  console.log(await inside(JSON.parse(await text(process.stdin))))
} catch (error) {
  console.log(lines(describe(error)))
}
process.exit(1)
