import { Body, Controller, Get, Param, ParseIntPipe, Post, Query } from '@nestjs/common'
import { IsString, Length } from 'class-validator'
import { Me } from '../auth/guard'
import type { Person } from '../auth/tokens'
import { Database } from '../database/database'
import { LiveGateway } from '../live/live.gateway'
import { PageQuery, pageOf, slice } from '../paging/page'

class NewNote {
  @IsString()
  @Length(1, 2000)
  text!: string
}

const SHOWN = { author: { select: { id: true, name: true } } } as const

@Controller('api/suites/:suiteId/notes')
export class NotesController {
  constructor(
    private readonly database: Database,
    private readonly live: LiveGateway,
  ) {}

  @Get()
  async list(@Param('suiteId', ParseIntPipe) suiteId: number, @Query() query: PageQuery) {
    return pageOf(await this.database.note.findMany({ where: { suiteId }, include: SHOWN, ...slice(query) }), query)
  }

  @Post()
  async add(@Param('suiteId', ParseIntPipe) suiteId: number, @Body() { text }: NewNote, @Me() me: Person) {
    const note = await this.database.note.create({ data: { suiteId, text, authorId: me.id }, include: SHOWN })
    this.live.toStaff('note', note)
    return note
  }
}
