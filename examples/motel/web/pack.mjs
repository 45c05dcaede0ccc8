// The standalone server serves the hashed files too, if they lie beside it; `next build` leaves that to the builder.
import { cpSync } from 'node:fs'

cpSync('.next/static', '.next/standalone/.next/static', { recursive: true })
