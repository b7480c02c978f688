<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Dashboard;

/** What a view has at hand: the request, what may be done, and forms that hold. */
final class Page
{
    /**
     * @param string $view the name of the one that is open
     * @param string|null $peek what the visitor has pressed a button to see, which may run code: 'value', 'letters'
     */
    public function __construct(
        public readonly Settings $settings,
        public readonly Request $request,
        public readonly Forms $forms,
        public readonly string $view,
        public readonly ?string $peek = null,
    ) {
    }

    public function canAct(): bool
    {
        return $this->settings->actions && $this->forms->exist();
    }

    /** May what runs code of stored classes be asked for? */
    public function canDecode(): bool
    {
        return $this->settings->values && $this->settings->decode && $this->forms->exist();
    }

    /**
     * A form of one button.
     *
     * @param string $do the action
     * @param array<string, string|int> $fields
     * @param string $more HTML of further fields
     */
    public function button(string $do, array $fields, string $label, string $class = '', string $more = ''): string
    {
        return $this->form(
            $do,
            Html::hidden($fields) . "$more<button class=\"$class\">" . Html::text($label) . '</button>',
            $more === '' ? '' : 'row',
        );
    }

    /** @param string $html fields and buttons */
    public function form(string $do, string $html, string $class = ''): string
    {
        $fields = Html::hidden(['do' => $do, Forms::FIELD => $this->forms->token()]);

        return '<form method="post" action="' . Html::text(Html::url(['view' => $this->view]))
            . "\" class=\"$class\">$fields$html</form>";
    }
}
