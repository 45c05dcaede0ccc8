import { ApiProperty } from '@nestjs/swagger'
import { Transform } from 'class-transformer'
import { IsEmail, IsIn, IsInt, IsOptional, IsString, Length } from 'class-validator'
import { type Role, roles } from './role.ts'

/** One person is one account, however they write their address. */
export const IsAddress = () => (target: object, property: string) => {
  ApiProperty({ example: 'kim@brightwater.example' })(target, property)
  IsEmail({}, { message: 'email must be an e-mail address' })(target, property)
  Transform(({ value }) => (typeof value === 'string' ? value.trim().toLowerCase() : value))(target, property)
}

export class NewUser {
  @IsAddress()
  email!: string

  @ApiProperty({ example: 'Kim Brandt' })
  @IsString()
  @Length(1, 100)
  name!: string

  @ApiProperty({ enum: roles })
  @IsIn(roles)
  role!: Role

  @ApiProperty({ type: Number, required: false, nullable: true, description: 'Of customers, and only of those' })
  @IsOptional()
  @IsInt()
  companyId?: number | null

  @ApiProperty({ minLength: 12 })
  @IsString()
  @Length(12, 200)
  password!: string
}
