import { z } from 'zod'

const Port = z.number().int()

/** The ports on loopback of what measures. */
export const MetricsPorts = z.strictObject({
  prometheus: Port,
  node: Port,
  postgres: Port,
  redis: Port,
})
export type MetricsPorts = z.infer<typeof MetricsPorts>
