// SPDX-License-Identifier: GPL-2.0
/*
 * Passes "tryboot" in the argument of a restart on to the Raspberry Pi's firmware, which then starts the other slot once.
 * Debian's kernel talks to the firmware but does not know this message.
 */
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/of.h>
#include <linux/reboot.h>
#include <linux/string.h>
#include <soc/bcm2835/raspberrypi-firmware.h>

#define SET_REBOOT_FLAGS 0x00038064
#define TRYBOOT 1

static struct rpi_firmware *firmware;

static int told(struct notifier_block *block, unsigned long action, void *argument)
{
	u32 flags = TRYBOOT;
	int err;

	if (action != SYS_RESTART || !argument || !strstr(argument, "tryboot"))
		return NOTIFY_DONE;
	err = rpi_firmware_property(firmware, SET_REBOOT_FLAGS, &flags, sizeof(flags));
	if (err)
		pr_err("sideman_tryboot: the firmware refuses (%d); the default slot starts\n", err);
	return NOTIFY_DONE;
}

static struct notifier_block block = { .notifier_call = told };

static int __init begin(void)
{
	struct device_node *node = of_find_compatible_node(NULL, NULL, "raspberrypi,bcm2835-firmware");

	if (!node)
		return -ENODEV;
	firmware = rpi_firmware_get(node);
	of_node_put(node);
	if (!firmware)
		return -ENODEV;
	return register_reboot_notifier(&block);
}

static void __exit end(void)
{
	unregister_reboot_notifier(&block);
	rpi_firmware_put(firmware);
}

module_init(begin);
module_exit(end);
MODULE_DESCRIPTION("One-shot start of the other slot on a Raspberry Pi");
MODULE_LICENSE("GPL");
