import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { JobOutput, JobRunView, JobView } from '../../../server/src/apps/jobs/wire.ts'
import { ask } from '../keeper/request.ts'
import { usePolling } from '../keeper/status.ts'

/** A run that goes on changes by itself, and no event tells of it. */
const GOES_ON_MS = 2_000
const AT_REST_MS = 10_000

export const useJobs = (app: string) =>
  useQuery({
    queryKey: ['jobs', app],
    queryFn: () => ask(z.array(JobView), `/api/jobs?app=${app}`),
    refetchInterval: ({ state }) =>
      state.data?.some(job => job.state === 'running') ? GOES_ON_MS : AT_REST_MS,
  })

export interface OfJob {
  app: string
  name: string
}

const pathOf = ({ app, name }: OfJob): string => `/api/apps/${app}/jobs/${name}`

export const useJobRuns = (job: OfJob) =>
  useQuery({
    queryKey: ['jobs', job.app, job.name, 'runs'],
    queryFn: () => ask(z.array(JobRunView), `${pathOf(job)}/runs?limit=100`),
    refetchInterval: usePolling(),
  })

/** What a run printed; where some of it is kept no more, it says so. */
async function outputOf(job: OfJob, run: string): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for (let at = 0; ; ) {
    const { bytes, from, next } = await ask(JobOutput, `${pathOf(job)}/runs/${run}/output?from=${at}`)
    if (from > at) text += `\n… ${from - at} bytes are kept no more …\n`
    if (bytes === '') return text
    text += decoder.decode(
      Uint8Array.from(atob(bytes), letter => letter.charCodeAt(0)),
      { stream: true },
    )
    at = next
  }
}

export const useOutput = (job: OfJob, { id, state }: Pick<JobRunView, 'id' | 'state'>) =>
  useQuery({
    queryKey: ['jobs', job.app, job.name, 'output', id],
    queryFn: () => outputOf(job, id),
    refetchInterval: state === 'running' ? GOES_ON_MS : false,
  })

export type Act = JobView['can'][number]

/** Runs a job now, ends its run, pauses or resumes it. */
export function useAct(job: OfJob) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (act: Act) =>
      ask(z.unknown(), `${pathOf(job)}/${act === 'run' ? 'runs' : act}`, { method: 'POST', body: {} }),
    onSettled: () => client.invalidateQueries({ queryKey: ['jobs', job.app] }),
  })
}
