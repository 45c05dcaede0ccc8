import { WithCommands } from '../kit/Command.tsx'

export function Leftover({ lines }: { lines: readonly string[] }) {
  if (lines.length === 0) return null
  return (
    <ul className="mt-2 list-disc pl-10">
      {lines.map(line => (
        <li key={line}>
          <WithCommands text={line} />
        </li>
      ))}
    </ul>
  )
}
