// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * An I2C bus with one chip that takes every write, as a display does, and keeps it for a test to read.
 *
 * Reading /dev/i2c-rig gives the writes since the last reading, each as two bytes of length (low byte first) and its
 * data. What does not fit is counted in the parameter "dropped". The parameter "answers" set to 0 takes the chip off
 * the bus; "error" set to an errno makes every transfer fail with it.
 */
#include <linux/fs.h>
#include <linux/i2c.h>
#include <linux/kfifo.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>

static int number = 1;
module_param(number, int, 0444);
static ushort address = 0x3c;
module_param(address, ushort, 0444);
static bool answers = true;
module_param(answers, bool, 0644);
static int error;
module_param(error, int, 0644);
static ulong dropped;
module_param(dropped, ulong, 0644);

static DEFINE_MUTEX(lock);
static DEFINE_KFIFO(writes, u8, 1048576);

static void keep(const u8 *data, u16 length)
{
	u8 head[2] = { length & 0xff, length >> 8 };

	mutex_lock(&lock);
	if (kfifo_avail(&writes) >= length + 2u) {
		kfifo_in(&writes, head, 2);
		kfifo_in(&writes, data, length);
	} else {
		dropped++;
	}
	mutex_unlock(&lock);
}

static int transfer(struct i2c_adapter *adapter, struct i2c_msg *messages, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		if (error)
			return -error;
		if (!answers || messages[i].addr != address)
			return -ENXIO;
		if (messages[i].flags & I2C_M_RD)
			memset(messages[i].buf, 0, messages[i].len);
		else
			keep(messages[i].buf, messages[i].len);
	}
	return count;
}

static u32 functionality(struct i2c_adapter *adapter)
{
	return I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL;
}

static const struct i2c_algorithm algorithm = { .master_xfer = transfer, .functionality = functionality };
static struct i2c_adapter bus = { .owner = THIS_MODULE, .name = "rig", .algo = &algorithm };

static ssize_t taken(struct file *file, char __user *to, size_t size, loff_t *at)
{
	unsigned int copied = 0;
	int failed;

	mutex_lock(&lock);
	failed = kfifo_to_user(&writes, to, size, &copied);
	mutex_unlock(&lock);
	return failed ? failed : copied;
}

static const struct file_operations operations = { .owner = THIS_MODULE, .read = taken };
static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR, .name = "i2c-rig", .fops = &operations, .mode = 0600,
};

static int __init begin(void)
{
	int failed = misc_register(&device);

	if (failed)
		return failed;
	bus.nr = number;
	failed = i2c_add_numbered_adapter(&bus);
	if (failed)
		misc_deregister(&device);
	return failed;
}

static void __exit end(void)
{
	i2c_del_adapter(&bus);
	misc_deregister(&device);
}

module_init(begin);
module_exit(end);
MODULE_DESCRIPTION("A bus that keeps what is written to it");
MODULE_LICENSE("Dual MIT/GPL");
