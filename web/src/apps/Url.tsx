import { Out } from '../kit/icons.tsx'

export function Url({ url }: { url: string }) {
  return (
    <a
      href={url}
      target="_blank"
      rel="noreferrer"
      className="inline-flex max-w-full items-center gap-1 text-soft hover:text-ink"
    >
      <span className="truncate">{url.replace(/^https?:\/\/|\/$/g, '')}</span>
      <Out className="size-3" />
      <span className="sr-only">(opens the app)</span>
    </a>
  )
}
