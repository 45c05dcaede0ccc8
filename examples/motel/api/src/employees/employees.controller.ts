import { Body, Controller, Get, Param, ParseIntPipe, Patch, Post } from '@nestjs/common'
import { IsBoolean, IsEmail, IsEnum, IsOptional, IsString, Length } from 'class-validator'
import { For } from '../auth/guard'
import { hashPassword } from '../auth/password'
import { Database } from '../database/database'
import { Role } from '../generated/prisma/enums'

class NewEmployee {
  @IsEmail()
  email!: string

  @IsString()
  @Length(1, 100)
  name!: string

  @IsEnum(Role)
  role!: Role

  @IsString()
  @Length(10, 200)
  password!: string
}

class EmployeeChange {
  @IsOptional()
  @IsString()
  @Length(1, 100)
  name?: string

  @IsOptional()
  @IsEnum(Role)
  role?: Role

  @IsOptional()
  @IsBoolean()
  active?: boolean
}

/** All but the password's hash. */
const SHOWN = { id: true, email: true, name: true, role: true, active: true } as const

@Controller('api/employees')
export class EmployeesController {
  constructor(private readonly database: Database) {}

  @Get()
  list() {
    return this.database.employee.findMany({ select: SHOWN, orderBy: { name: 'asc' } })
  }

  @Post()
  @For('manager')
  async add(@Body() { password, email, name, role }: NewEmployee) {
    const passwordHash = await hashPassword(password)
    return this.database.employee.create({ data: { email: email.toLowerCase(), name, role, passwordHash }, select: SHOWN })
  }

  @Patch(':id')
  @For('manager')
  change(@Param('id', ParseIntPipe) id: number, @Body() data: EmployeeChange) {
    return this.database.employee.update({ where: { id }, data, select: SHOWN })
  }
}
