import { Body, Controller, Get, Post } from '@nestjs/common'
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger'
import { Roles } from '../auth/roles.ts'
import { NewUser } from './users.dto.ts'
import { UsersService } from './users.service.ts'

@ApiTags('users')
@ApiBearerAuth()
@Roles('admin')
@Controller('users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Get()
  all() {
    return this.users.all()
  }

  @Post()
  add(@Body() input: NewUser) {
    return this.users.add(input)
  }
}
