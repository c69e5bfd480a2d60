// SPDX-License-Identifier: GPL-2.0
/* `make mutate` puts this into kernel/ of its tree: the choice of a mutant, and whether its place was ever reached. */
#include <linux/export.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mutant.h>
#include <linux/notifier.h>
#include <linux/reboot.h>
#include <linux/string.h>

enum mutant mutant_chosen __read_mostly;
EXPORT_SYMBOL(mutant_chosen);
unsigned long mutant_reached;
EXPORT_SYMBOL(mutant_reached);

#define M(name) #name,
static const char *const names[] __initconst = { "none", MUTANTS };
#undef M

static int __init choose(char *name)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(names[i], name))
			continue;
		mutant_chosen = i;
		return 0;
	}
	panic("mutant: there is no %s", name);
}
early_param("mutant", choose);

static int say(struct notifier_block *block, unsigned long code, void *unused)
{
	printk(KERN_INFO "mutant: number %d, reached %lu times\n",
	       mutant_chosen, mutant_reached);
	return NOTIFY_DONE;
}

static struct notifier_block at_reboot = { .notifier_call = say };

static int __init mutant_init(void)
{
	return register_reboot_notifier(&at_reboot);
}
late_initcall(mutant_init);
