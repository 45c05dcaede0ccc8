import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

export const newKey = () => `ev_${randomBytes(24).toString('base64url')}`

/** A plain hash is enough: keys are random and long, so there is nothing to guess that a slow hash would hinder. */
export const hashOf = (key: string) => createHash('sha256').update(key).digest('hex')

export const sameKey = (a: string, b: string) => timingSafeEqual(Buffer.from(hashOf(a)), Buffer.from(hashOf(b)))
