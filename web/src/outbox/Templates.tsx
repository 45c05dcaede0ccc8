import { useLayoutEffect, useRef, useState } from 'react'
import type { TemplateView } from '../../../server/src/watch/outbox/wire.ts'
import { Card } from '../kit/Card.tsx'
import { Empty } from '../kit/Empty.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { Select } from '../kit/Select.tsx'
import { usePreview, useTemplates } from './queries.ts'

const nameOf = ({ template, channel, language }: TemplateView): string =>
  [template, channel === 'telegram' ? 'Telegram' : 'e-mail', ...(language === null ? [] : [language])].join(
    ', ',
  )

/** The templates of the release that serves, as they would be sent with their own samples. */
export function Templates({ app }: { app: string }) {
  const [chosen, choose] = useState('')
  const templates = useTemplates(app)
  return (
    <Card title="Templates">
      <Loaded query={templates} rows={6}>
        {all => {
          const one = all.find(found => nameOf(found) === chosen) ?? all[0]
          if (one === undefined) return <Empty>The release that serves has no messages/NAME.html.</Empty>
          const options = all.map(found => [nameOf(found), nameOf(found)] as const)
          return (
            <div className="grid gap-4 p-4">
              <div className="max-w-sm">
                <Select label="Template" value={nameOf(one)} options={options} onChange={choose} />
              </div>
              <Picture app={app} template={one} />
            </div>
          )
        }}
      </Loaded>
    </Card>
  )
}

function Picture({ app, template }: { app: string; template: TemplateView }) {
  const preview = usePreview(app, template)
  return (
    <Loaded query={preview} rows={8}>
      {({ subject, text, html }) => (
        <div className="grid min-w-0 gap-4">
          {subject !== null && (
            <p className="break-words">
              <span className="text-soft">Subject</span> <span className="font-medium">{subject}</span>
            </p>
          )}
          {html !== null && (
            <div className="flex min-w-0 flex-wrap gap-4">
              <Frame html={html} width={600} name="as on a computer" />
              <Frame html={html} width={375} name="as on a phone" />
            </div>
          )}
          <figure className="min-w-0">
            <figcaption className="mb-1 text-xs text-soft">as text</figcaption>
            <pre className="overflow-x-auto rounded-md bg-sunk p-3 text-sm whitespace-pre-wrap">{text}</pre>
          </figure>
        </div>
      )}
    </Loaded>
  )
}

const FRAME_HEIGHT = 480

/**
 * The HTML is the app's: nothing in it runs, it knows no address and no cookie of this page, and leads nowhere. Where there
 * is less room than it is wide, it is shown smaller, and not cut off.
 */
function Frame({ html, width, name }: { html: string; width: number; name: string }) {
  const [box, share] = useShare(width)
  return (
    <figure className="min-w-0 max-w-full">
      <figcaption className="mb-1 text-xs text-soft">
        {name}, {width} px
      </figcaption>
      <div className="max-w-full rounded-md border border-line bg-white" style={{ width: width + 2 }}>
        <div ref={box} className="overflow-hidden" style={{ height: FRAME_HEIGHT }}>
          <iframe
            title={`${name}, ${width} px`}
            sandbox=""
            srcDoc={html}
            style={{ width, height: FRAME_HEIGHT / share, transform: `scale(${share})` }}
            className="block max-w-none origin-top-left"
          />
        </div>
      </div>
    </figure>
  )
}

/** How much of a width there is room for: 1 where all of it fits. */
function useShare(width: number) {
  const box = useRef<HTMLDivElement>(null)
  const [share, setShare] = useState(1)
  useLayoutEffect(() => {
    const seen = new ResizeObserver(() => setShare(Math.min(1, box.current!.clientWidth / width)))
    seen.observe(box.current!)
    return () => seen.disconnect()
  }, [width])
  return [box, share] as const
}
