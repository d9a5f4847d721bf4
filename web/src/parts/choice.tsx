// One of a few: radio buttons that stand side by side.

import { useId } from 'preact/hooks'
import './choice.css'

/** Chooses one of the options. `label` names the group for a screen reader. */
export function Choice<Value extends string>({
  label,
  value,
  onChoose,
  options,
  disabled = false,
}: {
  label: string
  value: Value
  onChoose: (value: Value) => void
  options: readonly { value: Value; text: string; lang?: string }[]
  disabled?: boolean
}) {
  const name = useId()
  return (
    <fieldset class="choice" disabled={disabled}>
      <legend class="vh">{label}</legend>
      {options.map((option) => (
        <label key={option.value} lang={option.lang}>
          <input type="radio" name={name} checked={value === option.value} onChange={() => onChoose(option.value)} />
          <span>{option.text}</span>
        </label>
      ))}
    </fieldset>
  )
}
