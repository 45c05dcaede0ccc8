import { useQuery } from '@tanstack/react-query'
import { z } from 'zod'
import { Acked, AlertView } from '../../../server/src/watch/alerts/wire.ts'
import { GotSilence } from '../../../server/src/watch/alerts/wire-v2.ts'
import { ChannelView, MessageView } from '../../../server/src/watch/messages/wire.ts'
import { useChanging } from '../keeper/changing.ts'
import { ask } from '../keeper/request.ts'

const OFTEN_MS = 5_000

export const useAlerts = () =>
  useQuery({
    queryKey: ['alerts'],
    queryFn: () => ask(z.array(AlertView), '/api/alerts'),
    refetchInterval: OFTEN_MS,
  })

export const useChannels = () =>
  useQuery({
    queryKey: ['channels'],
    queryFn: () => ask(z.array(ChannelView), '/api/channels'),
    refetchInterval: OFTEN_MS * 3,
  })

export const useMessages = () =>
  useQuery({
    queryKey: ['messages'],
    queryFn: () => ask(z.array(MessageView), '/api/messages?limit=50'),
    refetchInterval: OFTEN_MS,
  })

export const useSilences = () =>
  useQuery({
    queryKey: ['silences'],
    queryFn: () => ask(z.array(GotSilence), '/api/v2/silences'),
    refetchInterval: OFTEN_MS * 3,
  })

/** What changes here touch. */
const TOUCHED = ['alerts', 'messages', 'silences']

export const useAck = () =>
  useChanging(TOUCHED, (occurrence: string) =>
    ask(Acked, '/api/alerts/ack', { body: { occurrences: [occurrence] } }),
  )

export interface SilenceWish {
  labels: Readonly<Record<string, string>>
  hours: number
  by: string
  comment: string
}

export const useSilence = () =>
  useChanging(TOUCHED, ({ labels, hours, by, comment }: SilenceWish) => {
    const matchers = Object.entries(labels).map(([name, value]) => ({
      name,
      value,
      isRegex: false,
      isEqual: true,
    }))
    const [now, until] = [new Date(), new Date(Date.now() + hours * 3_600_000)]
    const times = { startsAt: now.toISOString(), endsAt: until.toISOString() }
    return ask(z.object({ silenceID: z.string() }), '/api/v2/silences', {
      body: { matchers, ...times, createdBy: by, comment },
    })
  })

export const useEndSilence = () =>
  useChanging(TOUCHED, (id: string) => ask(z.object({}), `/api/v2/silence/${id}`, { method: 'DELETE' }))
