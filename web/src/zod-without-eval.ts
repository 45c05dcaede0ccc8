import { config } from 'zod'

// Turns off zod's compiled parsers, which need `unsafe-eval`: the keeper's content security policy does not allow it.
// It must be imported first, because schemas read this setting when they are created.
config({ jitless: true })
