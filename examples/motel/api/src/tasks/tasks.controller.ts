import { Body, Controller, Get, Param, ParseIntPipe, Post, Query } from '@nestjs/common'
import { Transform, Type } from 'class-transformer'
import { IsDate, IsEnum, IsInt, IsOptional, IsString, Length } from 'class-validator'
import { Me } from '../auth/guard'
import type { Person } from '../auth/tokens'
import { TaskKind, TaskPriority, TaskStatus } from '../generated/prisma/enums'
import { PageQuery } from '../paging/page'
import { Tasks } from './tasks'

export class TaskQuery extends PageQuery {
  /** One, or several with commas in between. */
  @IsOptional()
  @Transform(({ value }) => (typeof value === 'string' ? value.split(',') : value))
  @IsEnum(TaskStatus, { each: true })
  status?: TaskStatus[]

  @IsOptional()
  @Type(() => Number)
  @IsInt()
  suiteId?: number

  @IsOptional()
  @Type(() => Number)
  @IsInt()
  assigneeId?: number
}

export class NewTask {
  @IsString()
  @Length(1, 200)
  title!: string

  @IsEnum(TaskKind)
  kind!: TaskKind

  @IsOptional()
  @IsEnum(TaskPriority)
  priority?: TaskPriority

  @IsOptional()
  @IsInt()
  suiteId?: number

  @IsOptional()
  @Type(() => Date)
  @IsDate()
  dueAt?: Date
}

export class TaskMove {
  @IsEnum(TaskStatus)
  status!: TaskStatus

  /** Required for `assigned`. */
  @IsOptional()
  @IsInt()
  assigneeId?: number
}

@Controller('api/tasks')
export class TasksController {
  constructor(private readonly tasks: Tasks) {}

  @Get()
  list(@Query() query: TaskQuery, @Me() me: Person) {
    return this.tasks.list(query, me)
  }

  @Get(':id')
  find(@Param('id', ParseIntPipe) id: number, @Me() me: Person) {
    return this.tasks.find(id, me)
  }

  @Post()
  add(@Body() task: NewTask, @Me() me: Person) {
    return this.tasks.add(task, me)
  }

  @Post(':id/status')
  move(@Param('id', ParseIntPipe) id: number, @Body() move: TaskMove, @Me() me: Person) {
    return this.tasks.move(id, move, me)
  }
}
