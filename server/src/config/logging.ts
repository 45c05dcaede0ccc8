import { z } from 'zod'

/** '10%' → 0.1. */
const share = z.string().transform((value, context) => {
  const percent = /^(\d{1,3}(?:\.\d+)?) ?%$/.exec(value)?.[1]
  if (percent !== undefined && Number(percent) <= 100) return Number(percent) / 100
  context.addIssue({
    code: 'custom',
    message: `"${value}" is not a share: write a number up to 100 and %, as in 10%`,
  })
  return z.NEVER
})

export const logging = z.strictObject({
  level: z
    .enum(['debug', 'info', 'warn'])
    .default('debug')
    .describe('Lines below this level are left out; those that name no level are kept'),
  sample: z
    .strictObject({
      debug: share.optional().describe('Of lines at debug'),
      info: share.optional().describe('Of lines at info'),
    })
    .default({})
    .describe('The share that is kept, evenly; warnings and errors are kept all'),
})
