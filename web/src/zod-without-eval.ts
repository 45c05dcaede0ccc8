import { config } from 'zod'

// Compiled parsers need `unsafe-eval`, which the keeper's content security policy does not give.
// Imported first, because schemas look at this when they are made.
config({ jitless: true })
