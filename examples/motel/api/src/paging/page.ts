import { Type } from 'class-transformer'
import { IsInt, IsOptional, Max, Min } from 'class-validator'

/** Newest first; `before` is the id of the last item of the page before. */
export class PageQuery {
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  before?: number

  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 50
}

/** Arguments for a query that asks for one more than the page, to know whether there is another. */
export const slice = ({ before, limit }: PageQuery) => ({
  ...(before === undefined ? {} : { cursor: { id: before }, skip: 1 }),
  take: limit + 1,
  orderBy: { id: 'desc' as const },
})

export function pageOf<T extends { id: number }>(rows: T[], { limit }: PageQuery) {
  const items = rows.slice(0, limit)
  return { items, next: rows.length > limit ? items.at(-1)!.id : null }
}
