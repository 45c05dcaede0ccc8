import type { Checkout } from '../cli/checkout.ts'
import { originOf } from '../drivers/git/origin.ts'
import { tracked } from '../drivers/git/tracked.ts'
import { pack, packable } from '../drivers/tar/archive.ts'

export const checkout: Checkout = { tracked, origin: originOf, packable, pack }
