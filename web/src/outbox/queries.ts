import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import {
  OutboxMessage,
  OutboxView,
  Preview,
  type TemplateView as Template,
  TemplateView,
} from '../../../server/src/watch/outbox/wire.ts'
import { ask } from '../keeper/request.ts'

const EVERY_MS = 10_000

export const useOutbox = (app: string, limit: number) =>
  useQuery({
    queryKey: ['outbox', app, limit],
    queryFn: () => ask(OutboxView, `/api/apps/${app}/outbox?limit=${limit}`),
    refetchInterval: EVERY_MS,
  })

export const useTemplates = (app: string) =>
  useQuery({
    queryKey: ['outbox', app, 'templates'],
    queryFn: () => ask(z.array(TemplateView), `/api/apps/${app}/outbox/templates`),
  })

export const usePreview = (app: string, { template, channel, language }: Template) =>
  useQuery({
    queryKey: ['outbox', app, 'preview', template, channel, language],
    queryFn: () => ask(Preview, `/api/apps/${app}/outbox/preview`, { body: { template, channel, language } }),
  })

export function useCancel(app: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => ask(OutboxMessage, `/api/outbox/messages/${id}/cancel`, { body: {} }),
    onSettled: () => client.invalidateQueries({ queryKey: ['outbox', app] }),
  })
}
