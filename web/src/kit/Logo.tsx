import icon from './icon.svg'

export const Logo = ({ className }: { className: string }) => <img src={icon} alt="" className={className} />
