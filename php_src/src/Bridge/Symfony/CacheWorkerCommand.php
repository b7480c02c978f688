<?php

/*
 * SPDX-License-Identifier: MIT
 */
declare(strict_types=1);

namespace SharedCache\Bridge\Symfony;

use SharedCache\Console\Application;
use SharedCache\Console\Command as Inner;
use SharedCache\Console\Command\RunCommand;
use SharedCache\Console\Failure;
use SharedCache\Console\Input;
use SharedCache\Console\Output;
use SharedCache\Log\Logger;
use SharedCache\Log\PsrLogger;
use SharedCache\Rebuild\Registry;
use Symfony\Component\Console\Command\Command;
use Symfony\Component\Console\Input\InputArgument;
use Symfony\Component\Console\Input\InputInterface;
use Symfony\Component\Console\Input\InputOption;
use Symfony\Component\Console\Output\ConsoleOutputInterface;
use Symfony\Component\Console\Output\OutputInterface;

/**
 * A command of cache-worker in the console of a Symfony application (symfony/console 5.4 or later):
 *
 *     $application->addCommands(CacheWorkerCommand::all(fn () => $container->get(Registry::class)));
 *
 * gives it cache-worker:run, cache-worker:stats, …. The registry comes from the application, so there is no
 * --bootstrap.
 */
final class CacheWorkerCommand extends Command
{
    public function __construct(private readonly Inner $inner, string $prefix = 'cache-worker')
    {
        parent::__construct("$prefix:" . $inner->definition()->name);
    }

    /**
     * @param Registry|\Closure(): Registry $registry a closure is called in each worker, after the fork: connections
     *     that it opens are that worker's own
     * @param Logger|\Psr\Log\LoggerInterface|null $logger for `run`; null: lines on its output
     * @return list<self>
     */
    public static function all(
        Registry|\Closure $registry,
        ?object $logger = null,
        string $prefix = 'cache-worker',
    ): array {
        if ($logger !== null && !$logger instanceof Logger) {
            $logger = new PsrLogger($logger);
        }
        $run = new RunCommand($registry instanceof \Closure ? $registry : static fn (): Registry => $registry, $logger);

        return \array_map(
            static fn (Inner $inner): self => new self($inner instanceof RunCommand ? $run : $inner, $prefix),
            Application::commands(),
        );
    }

    protected function configure(): void
    {
        $definition = $this->inner->definition();
        $this->setDescription($definition->summary);
        $this->setHelp($definition->help);
        foreach ($definition->arguments as $argument) {
            $this->addArgument(
                $argument->name,
                $argument->required ? InputArgument::REQUIRED : InputArgument::OPTIONAL,
                $argument->description,
            );
        }
        foreach ($definition->options as $option) {
            // The default is only shown: what was not given is told from what was.
            [$mode, $default] = match (true) {
                $option->value === null => [InputOption::VALUE_NONE, null],
                $option->whenBare !== null => [InputOption::VALUE_OPTIONAL, false],
                default => [InputOption::VALUE_REQUIRED, $option->default],
            };
            $this->addOption($option->name, null, $mode, $option->description, $default);
        }
    }

    protected function execute(InputInterface $input, OutputInterface $output): int
    {
        $ours = self::output($input, $output);
        try {
            return $this->inner->run($this->input($input), $ours)->value;
        } catch (Failure $failure) {
            $ours->error($failure->getMessage());

            return $failure->getCode();
        }
    }

    private function input(InputInterface $input): Input
    {
        $definition = $this->inner->definition();
        $arguments = [];
        foreach ($definition->arguments as $argument) {
            $value = $input->getArgument($argument->name);
            if ($value !== null) {
                $arguments[$argument->name] = (string) $value;
            }
        }
        $options = [];
        foreach ($definition->options as $option) {
            $value = $input->getOption($option->name);
            if ($option->value === null) {
                $value && $options[$option->name] = true;
            } elseif ($value !== false && $input->hasParameterOption("--$option->name", true)) {
                $options[$option->name] = (string) ($value ?? $option->whenBare);
            }
        }

        return new Input($definition, $arguments, $options);
    }

    private static function output(InputInterface $input, OutputInterface $output): Output
    {
        $error = $output instanceof ConsoleOutputInterface ? $output->getErrorOutput() : $output;
        $raw = OutputInterface::OUTPUT_RAW;

        return new Output(
            // Symfony filters by verbosity itself; what is a result is always one.
            static fn (string $text) => $output->write($text, false, $raw | OutputInterface::VERBOSITY_QUIET),
            static fn (string $text) => $error->write($text, false, $raw | OutputInterface::VERBOSITY_QUIET),
            $input->isInteractive() && $output instanceof ConsoleOutputInterface && \stream_isatty(STDOUT),
            $output instanceof ConsoleOutputInterface && $error->isDecorated() && \stream_isatty(STDERR),
            match (true) {
                $output->getVerbosity() <= OutputInterface::VERBOSITY_QUIET => Output::QUIET,
                $output->getVerbosity() === OutputInterface::VERBOSITY_NORMAL => Output::NORMAL,
                $output->getVerbosity() === OutputInterface::VERBOSITY_VERBOSE => Output::VERBOSE,
                default => Output::DEBUG,
            },
            $output->isDecorated(),
        );
    }
}
