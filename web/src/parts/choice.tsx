// One of a few: radio buttons that stand side by side.

import type { Signal } from '@preact/signals'
import { useId } from 'preact/hooks'
import './choice.css'

/** Chooses the signal's value. `label` names the group for a screen reader. */
export function Choice<Value extends string>({
  label,
  value,
  options,
}: {
  label: string
  value: Signal<Value>
  options: readonly { value: Value; text: string; lang?: string }[]
}) {
  const name = useId()
  return (
    <fieldset class="choice">
      <legend class="vh">{label}</legend>
      {options.map((option) => (
        <label key={option.value} lang={option.lang}>
          <input
            type="radio"
            name={name}
            checked={value.value === option.value}
            onChange={() => (value.value = option.value)}
          />
          <span>{option.text}</span>
        </label>
      ))}
    </fieldset>
  )
}
