import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Routes } from '../../api/routes.ts'
import { type EventStreams, sending } from '../../api/sse.ts'
import type { Clock } from '../../kernel/clock.ts'
import { countErrors } from './errors.ts'
import { closeAll, endsOf, followLogs } from './follow.ts'
import { everyLine, type LogSource, readLogs } from './read.ts'
import { ErrorsQuery, LogErrors, LogLine, LogQuery } from './wire.ts'

const ByApp = z.object({ app: z.string() })

export interface LogPorts {
  /** The log folders of an app's instances, or of a part of the server. */
  logSources(app: string): Promise<LogSource[]>
  clock: Clock
  events: EventStreams
}

export function logRoutes(app: Routes, ports: LogPorts): void {
  app.get(
    '/api/apps/:app/errors',
    {
      config: { permission: 'viewer' },
      schema: { params: ByApp, querystring: ErrorsQuery, response: { 200: LogErrors } },
    },
    async request => {
      const now = ports.clock.now()
      const { until = now, sinceMs, from = now - sinceMs, service, release } = request.query
      const counted = countErrors({ from, until })
      const filter = { from, until, service, release }
      for await (const some of everyLine(await ports.logSources(request.params.app), filter, now))
        for (const line of some) counted.add(line)
      return counted.told()
    },
  )

  app.get(
    '/api/apps/:app/logs',
    {
      config: { permission: 'viewer' },
      exposeHeadRoute: false,
      schema: { params: ByApp, querystring: LogQuery, response: { 200: z.array(LogLine) } },
    },
    async (request, reply) => {
      const { follow, lines, ...filter } = request.query
      const { service } = filter
      const sources = async () =>
        (await ports.logSources(request.params.app)).filter(
          s => service === undefined || s.service === service || s.app !== undefined,
        )
      const { clock } = ports
      const these = await sources()
      if (!follow) return readLogs(these, filter, { lines, now: clock.now() })
      const positions = await endsOf(these)
      try {
        const stream = ports.events(request as FastifyRequest, reply)
        await sending(stream, async () => {
          const past = await readLogs(these, filter, { lines, now: clock.now(), ends: positions })
          for (const line of past) stream.send(line)
          for await (const fresh of followLogs({ positions, sources, filter, clock, signal: stream.signal }))
            for (const line of fresh) stream.send(line)
        })
      } finally {
        await closeAll(positions)
      }
      return reply
    },
  )
}
